/** gatelet: trains and runs LSTM text models in WebAssembly SIMD. */
export {
  type GradientFlow,
  type GradientFlowOptions,
  gradientFlow,
} from './explain/gradient-flow.ts';
export type { GateSaturation, LayerFlow } from './explain/recurrence-probe.ts';
export { loadCheckpoint, saveCheckpoint } from './io/checkpoint.ts';
export { type LoadOptions, load } from './io/load.ts';
export { save } from './io/save.ts';
export { type AdversarialOptions, adversarial } from './layers/adversarial.ts';
export { type AttentionOptions, attention } from './layers/attention.ts';
export { type AttentionPoolOptions, attentionPool } from './layers/attention-pool.ts';
export { type BatchNormOptions, batchNorm } from './layers/batch-norm.ts';
export { type BatchNormInverseOptions, batchNormInverse } from './layers/batch-norm-inverse.ts';
export { type CrfOptions, crf } from './layers/crf.ts';
export { type DenseOptions, dense } from './layers/dense.ts';
export { type DropoutOptions, dropout } from './layers/dropout.ts';
export { type EmbeddingOptions, embedding } from './layers/embedding.ts';
export { type GraphConvolutionOptions, graphConvolution } from './layers/graph-convolution.ts';
export { type GruOptions, gru } from './layers/gru.ts';
export type { Layer } from './layers/layer.ts';
export { type LayerNormOptions, layerNorm } from './layers/layer-norm.ts';
export { type LstmOptions, lstm } from './layers/lstm.ts';
export { type MinGruOptions, minGru } from './layers/min-gru.ts';
export { type MinLstmOptions, minLstm } from './layers/min-lstm.ts';
export { type NeighboursOptions, neighbours } from './layers/neighbours.ts';
export { type NumbersOptions, numbers } from './layers/numbers.ts';
export { type PenaltyOptions, penalty } from './layers/penalty.ts';
export { type PoolOptions, pool } from './layers/pool.ts';
export { type PositionsOptions, positions } from './layers/positions.ts';
export { type RnnOptions, rnn } from './layers/rnn.ts';
export { type TransformerOptions, transformer } from './layers/transformer.ts';
export { attentionWeights, type WordWeight } from './model/attention-weights.ts';
export { type Agreement, compare } from './model/compare.ts';
export type { ModelConfig, ModelOptions } from './model/config.ts';
export { createModel, type ModuleOptions } from './model/create.ts';
export type { ThreadOptions } from './model/crew.ts';
export { estimate, estimateAll } from './model/estimate.ts';
export { foldBatchNorm } from './model/fold-batch-norm.ts';
export type { Model, TrainingFacts } from './model/model.ts';
export { predict, predictAll } from './model/predict.ts';
export type { Prediction, TextStream } from './model/prediction.ts';
export { quantize } from './model/quantize.ts';
export type {
  GraphRow,
  LabelledText,
  NumberRow,
  PlainText,
  Row,
  ScoredText,
  TaggedWords,
  VectorGraph,
  WordGraph,
} from './model/rows.ts';
export { stream } from './model/stream.ts';
export { type Tagging, tag, tagAll } from './model/tag.ts';
export { type TextClassifierOptions, textClassifier } from './model/text-classifier.ts';
export { type TextReaderOptions, textReader } from './model/text-reader.ts';
export { type TextTaggerOptions, textTagger } from './model/text-tagger.ts';
export { transfer } from './model/transfer.ts';
export { DataError, type ErrorDetail, GateletError, TrainingError, UsageError } from './runtime/errors.ts';
export type { TokenizerOptions } from './text/options.ts';
export type { Vocabulary } from './text/vocabulary.ts';
export type { Average } from './train/average.ts';
export { type ExponentialAverageOptions, exponentialAverage } from './train/averages/exponential.ts';
export { type NonMonotoneAverageOptions, nonMonotoneAverage } from './train/averages/non-monotone.ts';
export { type Evaluation, evaluate } from './train/evaluate.ts';
export type { ClassMetrics } from './train/metrics.ts';
export type { Optimizer } from './train/optimizer.ts';
export { type AdadeltaOptions, adadelta } from './train/optimizers/adadelta.ts';
export { type AdafactorOptions, adafactor } from './train/optimizers/adafactor.ts';
export { type AdagradOptions, adagrad } from './train/optimizers/adagrad.ts';
export { type AdamOptions, type AdamWOptions, adam, adamW } from './train/optimizers/adam.ts';
export { type LionOptions, lion } from './train/optimizers/lion.ts';
export { type MuonOptions, muon } from './train/optimizers/muon.ts';
export { type NadamOptions, nadam } from './train/optimizers/nadam.ts';
export { type RmspropOptions, rmsprop } from './train/optimizers/rmsprop.ts';
export { type ScheduleFreeAdamWOptions, scheduleFreeAdamW } from './train/optimizers/schedule-free.ts';
export { type SgdOptions, sgd } from './train/optimizers/sgd.ts';
export type { Progress, TrainOptions } from './train/options.ts';
export { constantRate, type Schedule } from './train/schedule.ts';
export {
  type CosineDecayOptions,
  cosineDecay,
  type OneCycleOptions,
  oneCycle,
} from './train/schedules/cosine.ts';
export {
  type ExponentialDecayOptions,
  exponentialDecay,
  type InverseTimeDecayOptions,
  inverseTimeDecay,
  type PolynomialDecayOptions,
  polynomialDecay,
  type StepDecayOptions,
  stepDecay,
} from './train/schedules/decay.ts';
export { type ReduceOnPlateauOptions, reduceOnPlateau } from './train/schedules/plateau.ts';
export type { SpanMetrics } from './train/spans.ts';
export type { TrainingState } from './train/state.ts';
export {
  type JointEpoch,
  type Source,
  type SourceEpoch,
  type TogetherOptions,
  trainTogether,
} from './train/together.ts';
export { type Epoch, type Training, train, type ValidatedEpoch } from './train/train.ts';
