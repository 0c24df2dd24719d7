// Written by scripts/build.mjs from the compiled kernels.

/** Every kernel, over one memory. */
export interface Kernels {
  /**
   * assembly/kernels/activation/reluForward
   * @param y `usize`
   * @param x `usize`
   * @param count `i32`
   */
  reluForward(y: number, x: number, count: number): void;
  /**
   * assembly/kernels/activation/reluBackward
   * @param dX `usize`
   * @param dY `usize`
   * @param y `usize`
   * @param count `i32`
   */
  reluBackward(dX: number, dY: number, y: number, count: number): void;
  /**
   * assembly/kernels/activation/tanhForward
   * @param y `usize`
   * @param x `usize`
   * @param count `i32`
   */
  tanhForward(y: number, x: number, count: number): void;
  /**
   * assembly/kernels/activation/tanhBackward
   * @param dX `usize`
   * @param dY `usize`
   * @param y `usize`
   * @param count `i32`
   */
  tanhBackward(dX: number, dY: number, y: number, count: number): void;
  /**
   * assembly/kernels/concat/concatForward
   * @param y `usize`
   * @param a `usize`
   * @param b `usize`
   * @param rows `i32`
   * @param Ca `i32`
   * @param Cb `i32`
   */
  concatForward(y: number, a: number, b: number, rows: number, Ca: number, Cb: number): void;
  /**
   * assembly/kernels/concat/concatBackward
   * @param dA `usize`
   * @param dB `usize`
   * @param dY `usize`
   * @param rows `i32`
   * @param Ca `i32`
   * @param Cb `i32`
   */
  concatBackward(dA: number, dB: number, dY: number, rows: number, Ca: number, Cb: number): void;
  /**
   * assembly/kernels/dense/densePack
   * @param panels `usize`
   * @param weight `usize`
   * @param I `i32`
   * @param O `i32`
   */
  densePack(panels: number, weight: number, I: number, O: number): void;
  /**
   * assembly/kernels/dense/densePackBackward
   * @param panels `usize`
   * @param weight `usize`
   * @param I `i32`
   * @param O `i32`
   */
  densePackBackward(panels: number, weight: number, I: number, O: number): void;
  /**
   * assembly/kernels/dense/denseForward
   * @param y `usize`
   * @param x `usize`
   * @param panels `usize`
   * @param bias `usize`
   * @param rows `i32`
   * @param I `i32`
   * @param O `i32`
   */
  denseForward(y: number, x: number, panels: number, bias: number, rows: number, I: number, O: number): void;
  /**
   * assembly/kernels/dense/denseForwardQuantised
   * @param y `usize`
   * @param x `usize`
   * @param panels `usize`
   * @param bias `usize`
   * @param scratch `usize`
   * @param rows `i32`
   * @param I `i32`
   * @param O `i32`
   */
  denseForwardQuantised(y: number, x: number, panels: number, bias: number, scratch: number, rows: number, I: number, O: number): void;
  /**
   * assembly/kernels/dense/denseWeightGradient
   * @param dWeight `usize`
   * @param dY `usize`
   * @param x `usize`
   * @param scratch `usize`
   * @param rows `i32`
   * @param I `i32`
   * @param O `i32`
   */
  denseWeightGradient(dWeight: number, dY: number, x: number, scratch: number, rows: number, I: number, O: number): void;
  /**
   * assembly/kernels/dense/denseBiasGradient
   * @param dBias `usize`
   * @param dY `usize`
   * @param rows `i32`
   * @param O `i32`
   */
  denseBiasGradient(dBias: number, dY: number, rows: number, O: number): void;
  /**
   * assembly/kernels/dense/denseInputGradient
   * @param dX `usize`
   * @param dY `usize`
   * @param panels `usize`
   * @param rows `i32`
   * @param I `i32`
   * @param O `i32`
   */
  denseInputGradient(dX: number, dY: number, panels: number, rows: number, I: number, O: number): void;
  /**
   * assembly/kernels/dropout/dropout
   * @param y `usize`
   * @param x `usize`
   * @param count `i32`
   * @param rate `f32`
   * @param seed `u32`
   * @param stream `u32`
   * @param step `u32`
   */
  dropout(y: number, x: number, count: number, rate: number, seed: number, stream: number, step: number): void;
  /**
   * assembly/kernels/embedding/embeddingForward
   * @param x `usize`
   * @param table `usize`
   * @param bagStart `usize`
   * @param bagIds `usize`
   * @param U `i32`
   * @param E `i32`
   */
  embeddingForward(x: number, table: number, bagStart: number, bagIds: number, U: number, E: number): void;
  /**
   * assembly/kernels/embedding/embeddingForwardQuantised
   * @param x `usize`
   * @param table `usize`
   * @param scales `usize`
   * @param bagStart `usize`
   * @param bagIds `usize`
   * @param U `i32`
   * @param E `i32`
   */
  embeddingForwardQuantised(x: number, table: number, scales: number, bagStart: number, bagIds: number, U: number, E: number): void;
  /**
   * assembly/kernels/embedding/embeddingBackward
   * @param dTable `usize`
   * @param dX `usize`
   * @param bagStart `usize`
   * @param bagIds `usize`
   * @param U `i32`
   * @param E `i32`
   */
  embeddingBackward(dTable: number, dX: number, bagStart: number, bagIds: number, U: number, E: number): void;
  /**
   * assembly/kernels/gather/gatherForward
   * @param y `usize`
   * @param x `usize`
   * @param index `usize`
   * @param N `i32`
   * @param C `i32`
   */
  gatherForward(y: number, x: number, index: number, N: number, C: number): void;
  /**
   * assembly/kernels/gather/gatherBackward
   * @param dX `usize`
   * @param dY `usize`
   * @param index `usize`
   * @param N `i32`
   * @param U `i32`
   * @param C `i32`
   */
  gatherBackward(dX: number, dY: number, index: number, N: number, U: number, C: number): void;
  /**
   * assembly/kernels/loss/softmaxForward
   * @param probabilities `usize`
   * @param logits `usize`
   * @param B `i32`
   * @param K `i32`
   */
  softmaxForward(probabilities: number, logits: number, B: number, K: number): void;
  /**
   * assembly/kernels/loss/sigmoidForward
   * @param probabilities `usize`
   * @param logits `usize`
   * @param B `i32`
   * @param K `i32`
   */
  sigmoidForward(probabilities: number, logits: number, B: number, K: number): void;
  /**
   * assembly/kernels/loss/softmaxCrossEntropy
   * @param dLogits `usize`
   * @param loss `usize`
   * @param probabilities `usize`
   * @param logits `usize`
   * @param targets `usize`
   * @param weights `usize`
   * @param B `i32`
   * @param K `i32`
   * @param smoothing `f32`
   * @param scale `f32`
   */
  softmaxCrossEntropy(dLogits: number, loss: number, probabilities: number, logits: number, targets: number, weights: number, B: number, K: number, smoothing: number, scale: number): void;
  /**
   * assembly/kernels/loss/sigmoidCrossEntropy
   * @param dLogits `usize`
   * @param loss `usize`
   * @param probabilities `usize`
   * @param logits `usize`
   * @param targets `usize`
   * @param negativeWeights `usize`
   * @param positiveWeights `usize`
   * @param B `i32`
   * @param K `i32`
   * @param smoothing `f32`
   * @param scale `f32`
   */
  sigmoidCrossEntropy(dLogits: number, loss: number, probabilities: number, logits: number, targets: number, negativeWeights: number, positiveWeights: number, B: number, K: number, smoothing: number, scale: number): void;
  /**
   * assembly/kernels/lstm/lstmPack
   * @param panelsIH `usize`
   * @param panelsHH `usize`
   * @param biasRow `usize`
   * @param weightIH `usize`
   * @param weightHH `usize`
   * @param bias `usize`
   * @param D `i32`
   * @param H `i32`
   */
  lstmPack(panelsIH: number, panelsHH: number, biasRow: number, weightIH: number, weightHH: number, bias: number, D: number, H: number): void;
  /**
   * assembly/kernels/lstm/lstmPackQuantised
   * @param panelsIH `usize`
   * @param panelsHH `usize`
   * @param biasRow `usize`
   * @param weightIH `usize`
   * @param scalesIH `usize`
   * @param weightHH `usize`
   * @param scalesHH `usize`
   * @param bias `usize`
   * @param D `i32`
   * @param H `i32`
   */
  lstmPackQuantised(panelsIH: number, panelsHH: number, biasRow: number, weightIH: number, scalesIH: number, weightHH: number, scalesHH: number, bias: number, D: number, H: number): void;
  /**
   * assembly/kernels/lstm/lstmPackBackward
   * @param panelsIH `usize`
   * @param panelsHH `usize`
   * @param weightIH `usize`
   * @param weightHH `usize`
   * @param D `i32`
   * @param H `i32`
   */
  lstmPackBackward(panelsIH: number, panelsHH: number, weightIH: number, weightHH: number, D: number, H: number): void;
  /**
   * assembly/kernels/lstm/lstmProject
   * @param projected `usize`
   * @param x `usize`
   * @param panelsIH `usize`
   * @param U `i32`
   * @param D `i32`
   * @param H `i32`
   */
  lstmProject(projected: number, x: number, panelsIH: number, U: number, D: number, H: number): void;
  /**
   * assembly/kernels/lstm/lstmProjectQuantised
   * @param projected `usize`
   * @param x `usize`
   * @param panelsIH `usize`
   * @param scratch `usize`
   * @param U `i32`
   * @param D `i32`
   * @param H `i32`
   */
  lstmProjectQuantised(projected: number, x: number, panelsIH: number, scratch: number, U: number, D: number, H: number): void;
  /**
   * assembly/kernels/lstm/lstmForward
   * @param h `usize`
   * @param c `usize`
   * @param gates `usize`
   * @param projected `usize`
   * @param index `usize`
   * @param steps `usize`
   * @param h0 `usize`
   * @param c0 `usize`
   * @param panelsHH `usize`
   * @param biasRow `usize`
   * @param T `i32`
   * @param H `i32`
   * @param reverse `i32`
   */
  lstmForward(h: number, c: number, gates: number, projected: number, index: number, steps: number, h0: number, c0: number, panelsHH: number, biasRow: number, T: number, H: number, reverse: number): void;
  /**
   * assembly/kernels/lstm/lstmForwardQuantised
   * @param h `usize`
   * @param c `usize`
   * @param gates `usize`
   * @param projected `usize`
   * @param index `usize`
   * @param steps `usize`
   * @param h0 `usize`
   * @param c0 `usize`
   * @param panelsHH `usize`
   * @param scratch `usize`
   * @param biasRow `usize`
   * @param T `i32`
   * @param H `i32`
   * @param reverse `i32`
   */
  lstmForwardQuantised(h: number, c: number, gates: number, projected: number, index: number, steps: number, h0: number, c0: number, panelsHH: number, scratch: number, biasRow: number, T: number, H: number, reverse: number): void;
  /**
   * assembly/kernels/lstm/lstmLast
   * @param hLast `usize`
   * @param cLast `usize`
   * @param h `usize`
   * @param c `usize`
   * @param steps `usize`
   * @param T `i32`
   * @param H `i32`
   */
  lstmLast(hLast: number, cLast: number, h: number, c: number, steps: number, T: number, H: number): void;
  /**
   * assembly/kernels/lstm/lstmBackward
   * @param gates `usize`
   * @param previous `usize`
   * @param dH `usize`
   * @param dC `usize`
   * @param dY `usize`
   * @param h `usize`
   * @param c `usize`
   * @param steps `usize`
   * @param h0 `usize`
   * @param c0 `usize`
   * @param panelsHH `usize`
   * @param T `i32`
   * @param B `i32`
   * @param H `i32`
   * @param reverse `i32`
   */
  lstmBackward(gates: number, previous: number, dH: number, dC: number, dY: number, h: number, c: number, steps: number, h0: number, c0: number, panelsHH: number, T: number, B: number, H: number, reverse: number): void;
  /**
   * assembly/kernels/lstm/lstmWeightGradient
   * @param dWeight `usize`
   * @param dGates `usize`
   * @param x `usize`
   * @param scratch `usize`
   * @param rows `i32`
   * @param C `i32`
   * @param H `i32`
   */
  lstmWeightGradient(dWeight: number, dGates: number, x: number, scratch: number, rows: number, C: number, H: number): void;
  /**
   * assembly/kernels/lstm/lstmBiasGradient
   * @param dBias `usize`
   * @param dGates `usize`
   * @param rows `i32`
   * @param H `i32`
   */
  lstmBiasGradient(dBias: number, dGates: number, rows: number, H: number): void;
  /**
   * assembly/kernels/lstm/lstmInputGradient
   * @param dX `usize`
   * @param dGates `usize`
   * @param panelsIH `usize`
   * @param rows `i32`
   * @param D `i32`
   * @param H `i32`
   * @param accumulate `i32`
   */
  lstmInputGradient(dX: number, dGates: number, panelsIH: number, rows: number, D: number, H: number, accumulate: number): void;
  /**
   * assembly/kernels/pool/poolLastForward
   * @param y `usize`
   * @param x `usize`
   * @param steps `usize`
   * @param T `i32`
   * @param B `i32`
   * @param C `i32`
   * @param reverseFrom `i32`
   */
  poolLastForward(y: number, x: number, steps: number, T: number, B: number, C: number, reverseFrom: number): void;
  /**
   * assembly/kernels/pool/poolLastBackward
   * @param dX `usize`
   * @param dY `usize`
   * @param steps `usize`
   * @param T `i32`
   * @param B `i32`
   * @param C `i32`
   * @param reverseFrom `i32`
   */
  poolLastBackward(dX: number, dY: number, steps: number, T: number, B: number, C: number, reverseFrom: number): void;
  /**
   * assembly/kernels/pool/poolMeanForward
   * @param y `usize`
   * @param sum `usize`
   * @param x `usize`
   * @param steps `usize`
   * @param lengths `usize`
   * @param T `i32`
   * @param B `i32`
   * @param C `i32`
   * @param keep `i32`
   */
  poolMeanForward(y: number, sum: number, x: number, steps: number, lengths: number, T: number, B: number, C: number, keep: number): void;
  /**
   * assembly/kernels/pool/poolMeanBackward
   * @param dX `usize`
   * @param dY `usize`
   * @param steps `usize`
   * @param lengths `usize`
   * @param T `i32`
   * @param B `i32`
   * @param C `i32`
   */
  poolMeanBackward(dX: number, dY: number, steps: number, lengths: number, T: number, B: number, C: number): void;
  /**
   * assembly/kernels/pool/poolMaxForward
   * @param y `usize`
   * @param argmax `usize`
   * @param x `usize`
   * @param steps `usize`
   * @param T `i32`
   * @param B `i32`
   * @param C `i32`
   * @param keep `i32`
   */
  poolMaxForward(y: number, argmax: number, x: number, steps: number, T: number, B: number, C: number, keep: number): void;
  /**
   * assembly/kernels/pool/poolMaxBackward
   * @param dX `usize`
   * @param dY `usize`
   * @param argmax `usize`
   * @param N `i32`
   * @param B `i32`
   * @param C `i32`
   */
  poolMaxBackward(dX: number, dY: number, argmax: number, N: number, B: number, C: number): void;
  /**
   * assembly/kernels/random/fillUniform
   * @param dst `usize`
   * @param n `i32`
   * @param low `f32`
   * @param high `f32`
   * @param seed `u32`
   * @param stream `u32`
   */
  fillUniform(dst: number, n: number, low: number, high: number, seed: number, stream: number): void;
  /**
   * assembly/kernels/random/permutation
   * @param dst `usize`
   * @param n `i32`
   * @param seed `u32`
   * @param stream `u32`
   * @param step `u32`
   */
  permutation(dst: number, n: number, seed: number, stream: number, step: number): void;
  /**
   * assembly/kernels/random/bernoulliMask
   * @param dst `usize`
   * @param n `i32`
   * @param rate `f32`
   * @param seed `u32`
   * @param stream `u32`
   * @param step `u32`
   */
  bernoulliMask(dst: number, n: number, rate: number, seed: number, stream: number, step: number): void;
  /**
   * assembly/matmul/matmul
   * @param c `usize`
   * @param a `usize`
   * @param panels `usize`
   * @param m `i32`
   * @param n `i32`
   * @param k `i32`
   * @param lda `i32`
   * @param ldc `i32`
   * @param accumulate `i32`
   */
  matmul(c: number, a: number, panels: number, m: number, n: number, k: number, lda: number, ldc: number, accumulate: number): void;
  /**
   * assembly/matmul/matmulTransposedAScratch
   * @param n `i32`
   * @returns `i32`
   */
  matmulTransposedAScratch(n: number): number;
  /**
   * assembly/matmul/matmulTransposedA
   * @param c `usize`
   * @param a `usize`
   * @param b `usize`
   * @param scratch `usize`
   * @param m `i32`
   * @param n `i32`
   * @param rows `i32`
   * @param lda `i32`
   * @param ldb `i32`
   */
  matmulTransposedA(c: number, a: number, b: number, scratch: number, m: number, n: number, rows: number, lda: number, ldb: number): void;
  /**
   * assembly/matmul/packRows
   * @param panels `usize`
   * @param b `usize`
   * @param k `i32`
   * @param n `i32`
   */
  packRows(panels: number, b: number, k: number, n: number): void;
  /**
   * assembly/matmul/packRowsAt
   * @param panels `usize`
   * @param b `usize`
   * @param rows `i32`
   * @param n `i32`
   * @param ldb `i32`
   * @param depth `i32`
   * @param at `i32`
   */
  packRowsAt(panels: number, b: number, rows: number, n: number, ldb: number, depth: number, at: number): void;
  /**
   * assembly/matmul/packTransposed
   * @param panels `usize`
   * @param w `usize`
   * @param n `i32`
   * @param k `i32`
   */
  packTransposed(panels: number, w: number, n: number, k: number): void;
  /**
   * assembly/optim/adam/adamStep
   * @param parameters `usize`
   * @param moment1 `usize`
   * @param moment2 `usize`
   * @param gradients `usize`
   * @param n `i32`
   * @param learningRate `f64`
   * @param beta1 `f64`
   * @param beta2 `f64`
   * @param epsilon `f64`
   * @param correction1 `f64`
   * @param correction2 `f64`
   * @param gradientScale `f64`
   */
  adamStep(parameters: number, moment1: number, moment2: number, gradients: number, n: number, learningRate: number, beta1: number, beta2: number, epsilon: number, correction1: number, correction2: number, gradientScale: number): void;
  /**
   * assembly/optim/norm/sumSquares
   * @param x `usize`
   * @param n `i32`
   * @returns `f64`
   */
  sumSquares(x: number, n: number): number;
  /**
   * assembly/optim/sgd/sgdStep
   * @param parameters `usize`
   * @param gradients `usize`
   * @param n `i32`
   * @param learningRate `f64`
   * @param gradientScale `f64`
   */
  sgdStep(parameters: number, gradients: number, n: number, learningRate: number, gradientScale: number): void;
  /**
   * assembly/quantise/quantiseWeights
   * @param q `usize`
   * @param scales `usize`
   * @param weight `usize`
   * @param rows `i32`
   * @param columns `i32`
   */
  quantiseWeights(q: number, scales: number, weight: number, rows: number, columns: number): void;
  /**
   * assembly/quantise/packQuantised
   * @param panels `usize`
   * @param weight `usize`
   * @param scales `usize`
   * @param n `i32`
   * @param k `i32`
   */
  packQuantised(panels: number, weight: number, scales: number, n: number, k: number): void;
  /**
   * assembly/quantise/matmulQuantisedScratch
   * @param k `i32`
   * @returns `i32`
   */
  matmulQuantisedScratch(k: number): number;
  /**
   * assembly/quantise/matmulQuantised
   * @param c `usize`
   * @param a `usize`
   * @param panels `usize`
   * @param scratch `usize`
   * @param m `i32`
   * @param n `i32`
   * @param k `i32`
   * @param ldc `i32`
   * @param accumulate `i32`
   */
  matmulQuantised(c: number, a: number, panels: number, scratch: number, m: number, n: number, k: number, ldc: number, accumulate: number): void;
}
