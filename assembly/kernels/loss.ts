// Probabilities and the loss of logits. Loss rows are summed in float64, in order.
// With mixup row b bears two targets: its own, by the share, and by the rest that of row partners[b] (mixup.ts). Without,
// `partners` is 0.

import { logOnePlusExpScalar, sigmoidScalar } from '../called';
import { logScalar } from '../math';
import { stride } from '../simd';
import { exps, sigmoids } from '../vectors';

/**
 *   p_bk = e^{x_bk − m_b} / Σ_j e^{x_bj − m_b}      m_b = max_j x_bj
 * Writes  probabilities [B,K8], in place allowed
 * Reads   logits [B,K8]
 * Error   ≤ 2e-7 of the largest element (measured)
 */
export function softmaxForward(probabilities: usize, logits: usize, B: i32, K: i32): void {
  const rowBytes = <usize>stride(K) << 2;
  for (let b = 0; b < B; b++) {
    const total = expRow(probabilities, logits, maxOfRow(logits, K), K);
    divideRow(probabilities, total, K);
    probabilities += rowBytes;
    logits += rowBytes;
  }
}

/**
 *   p = 1/(1 + e^−x)
 * Writes  probabilities [B,K8], in place allowed
 * Reads   logits [B,K8]
 * Error   ≤ 2.0e-7 per element (math.ts)
 */
export function sigmoidForward(probabilities: usize, logits: usize, B: i32, K: i32): void {
  const rowBytes = <usize>stride(K) << 2;
  for (let b = 0; b < B; b++) {
    sigmoids(probabilities, logits, rowBytes);
    clearPadding(probabilities, K);
    probabilities += rowBytes;
    logits += rowBytes;
  }
}

/**
 * Cross-entropy of one class a row, with class weights w and label smoothing s, as PyTorch defines them:
 *   loss = scale · Σ_b Σ_k q_bk·(−ln p_bk)      q_bk = (1 − s)·w_k·[k = target_b] + s·w_k/K
 *   dLogits_bk = scale · (p_bk·Σ_j q_bj − q_bk)
 * The mean over targets is scale = 1/Σ_b w[target_b]. Mixed: q = share·q of target_b + (1 − share)·q of target_partner(b).
 * Writes  dLogits [B,K8] · loss (f64) · probabilities [B,K8]
 * Reads   logits [B,K8] · targets [B] (Int32) · partners [B] (Int32) · share [1] · weights [K]
 * Error   ≤ 3e-7 of the largest element (measured)
 * Source  torch.nn.functional.cross_entropy; smoothing of Szegedy et al. 2016
 */
export function softmaxCrossEntropy(
  dLogits: usize, loss: usize, probabilities: usize, logits: usize, targets: usize, partners: usize, share: usize,
  weights: usize, B: i32, K: i32, smoothing: f32, scale: f32,
): void {
  const rowBytes = <usize>stride(K) << 2;
  const own: f32 = partners ? load<f32>(share) : 1;
  let spread: f32 = 0; // Σ_k s·w_k/K
  for (let k = 0; k < K; k++) spread += at(weights, k) * (smoothing / <f32>K);
  let total: f64 = 0;
  for (let b = 0; b < B; b++) {
    const target = integerAt(targets, b);
    const other = partners ? integerAt(targets, integerAt(partners, b)) : target;
    const sharp = own * ((<f32>1 - smoothing) * at(weights, target));
    const mixedIn = (<f32>1 - own) * ((<f32>1 - smoothing) * at(weights, other));
    const max = maxOfRow(logits, K);
    const sum = expRow(probabilities, logits, max, K);
    divideRow(probabilities, sum, K);
    const logSum = <f64>logScalar(sum);
    for (let k = 0; k < K; k++) {
      const q = at(weights, k) * (smoothing / <f32>K) + (k == target ? sharp : 0) + (k == other ? mixedIn : 0);
      if (q != 0) total += <f64>q * (logSum + (<f64>max - <f64>at(logits, k)));
      store<f32>(dLogits + (<usize>k << 2), scale * (at(probabilities, k) * (sharp + mixedIn + spread) - q));
    }
    clearPadding(dLogits, K);
    dLogits += rowBytes;
    probabilities += rowBytes;
    logits += rowBytes;
  }
  store<f64>(loss, <f64>scale * total);
}

/**
 * Binary cross-entropy of each element, its targets t in [0,1] smoothed towards ½ by s:
 *   loss = scale · Σ_bk w·(max(x, 0) − x·t' + ln(1 + e^−|x|))      t' = t·(1 − s) + s/2
 *   dLogits = scale · w·(sigmoid(x) − t')      w = negative_k + t·(positive_k − negative_k)
 * Mixed, both are share · those of the row's own targets + (1 − share) · those of its partner's.
 * Writes  dLogits [B,K8] · loss (f64) · probabilities [B,K8]
 * Reads   logits [B,K8] · targets [B,K8] · partners [B] (Int32) · share [1] · negativeWeights [K] · positiveWeights [K]
 * Error   ≤ 3e-7 of the largest element (measured)
 */
export function sigmoidCrossEntropy(
  dLogits: usize, loss: usize, probabilities: usize, logits: usize, targets: usize, partners: usize, share: usize,
  negativeWeights: usize, positiveWeights: usize, B: i32, K: i32, smoothing: f32, scale: f32,
): void {
  const rowBytes = <usize>stride(K) << 2;
  const own: f32 = partners ? load<f32>(share) : 1;
  const parts = partners ? 2 : 1;
  let total: f64 = 0;
  for (let b = 0; b < B; b++) {
    for (let k = 0; k < K; k++) {
      const x = at(logits, k);
      const negative = at(negativeWeights, k);
      const positive = at(positiveWeights, k);
      const p = sigmoidScalar(x);
      const tail = <f64>logOnePlusExpScalar(x);
      let d: f32 = 0;
      for (let part = 0; part < parts; part++) {
        const row = part == 0 ? b : integerAt(partners, b);
        const t = at(targets + <usize>row * rowBytes, k);
        const weight = (part == 0 ? own : <f32>1 - own) * (negative + t * (positive - negative));
        const smoothed = t * (<f32>1 - smoothing) + smoothing * 0.5;
        const hinge = <f64>max<f32>(x, 0) - <f64>x * <f64>smoothed;
        total += <f64>weight * (hinge + tail);
        d += scale * weight * (p - smoothed);
      }
      store<f32>(probabilities + (<usize>k << 2), p);
      store<f32>(dLogits + (<usize>k << 2), d);
    }
    clearPadding(probabilities, K);
    clearPadding(dLogits, K);
    dLogits += rowBytes;
    probabilities += rowBytes;
    logits += rowBytes;
  }
  store<f64>(loss, <f64>scale * total);
}

/**
 * Squared error, as PyTorch's mse_loss with scale = 1/(B·K):
 *   loss = scale · Σ_bk (y_bk − t_bk)²      dY = 2·scale · (y − t)
 * Writes  dY [B,K8] · loss (f64)
 * Reads   y [B,K8] · targets [B,K8]
 * Error   ≤ 2e-7 of the largest element (measured)
 */
export function squaredError(dY: usize, loss: usize, y: usize, targets: usize, B: i32, K: i32, scale: f32): void {
  const rowBytes = <usize>stride(K) << 2;
  let total: f64 = 0;
  for (let b = 0; b < B; b++) {
    for (let k = 0; k < K; k++) {
      const difference = at(y, k) - at(targets, k);
      total += <f64>difference * <f64>difference;
      store<f32>(dY + (<usize>k << 2), 2 * scale * difference);
    }
    clearPadding(dY, K);
    dY += rowBytes;
    y += rowBytes;
    targets += rowBytes;
  }
  store<f64>(loss, <f64>scale * total);
}

@inline function integerAt(row: usize, b: i32): i32 {
  return load<i32>(row + (<usize>b << 2));
}

@inline function at(row: usize, k: i32): f32 {
  return load<f32>(row + (<usize>k << 2));
}

/** The largest of K elements; NaN when one is NaN. */
function maxOfRow(x: usize, K: i32): f32 {
  let best = at(x, 0);
  for (let k = 1; k < K; k++) best = max<f32>(best, at(x, k));
  return best;
}

/** y = e^{x − shift}, padding zero; returns the sum of the K elements. */
function expRow(y: usize, x: usize, shift: f32, K: i32): f32 {
  exps(y, x, shift, <usize>stride(K) << 2);
  clearPadding(y, K);
  let sum: f64 = 0;
  for (let k = 0; k < K; k++) sum += <f64>at(y, k);
  return <f32>sum;
}

function divideRow(y: usize, divisor: f32, K: i32): void {
  const by = f32x4.splat(divisor);
  for (let k: usize = 0, end = <usize>stride(K) << 2; k < end; k += 16) {
    v128.store(y + k, f32x4.div(v128.load(y + k), by));
  }
  clearPadding(y, K); // 0/NaN is NaN
}

function clearPadding(row: usize, K: i32): void {
  memory.fill(row + (<usize>K << 2), 0, <usize>(stride(K) - K) << 2);
}
