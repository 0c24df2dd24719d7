/** gatelet: trains and runs LSTM text models in WebAssembly SIMD. */
export { loadCheckpoint, saveCheckpoint } from './io/checkpoint.ts';
export { type LoadOptions, load } from './io/load.ts';
export { save } from './io/save.ts';
export { type DenseOptions, dense } from './layers/dense.ts';
export { type DropoutOptions, dropout } from './layers/dropout.ts';
export { type EmbeddingOptions, embedding } from './layers/embedding.ts';
export type { Layer } from './layers/layer.ts';
export { type LstmOptions, lstm } from './layers/lstm.ts';
export { type PoolOptions, pool } from './layers/pool.ts';
export { type Agreement, compare } from './model/compare.ts';
export type { ModelOptions } from './model/config.ts';
export { createModel, type ModuleOptions } from './model/create.ts';
export type { Model, TrainingFacts } from './model/model.ts';
export { type Prediction, predict, predictAll } from './model/predict.ts';
export { quantize } from './model/quantize.ts';
export { stream, type TextStream } from './model/stream.ts';
export type { Row } from './model/targets.ts';
export { type TextClassifierOptions, textClassifier } from './model/text-classifier.ts';
export { DataError, GateletError, TrainingError, UsageError } from './runtime/errors.ts';
export type { TokenizerOptions } from './text/options.ts';
export { type AdamOptions, adam } from './train/adam.ts';
export { type Evaluation, evaluate } from './train/evaluate.ts';
export type { ClassMetrics } from './train/metrics.ts';
export type { Optimizer } from './train/optimizer.ts';
export type { Progress, TrainOptions } from './train/options.ts';
export {
  constantRate,
  type ExponentialDecayOptions,
  exponentialDecay,
  type Schedule,
  type StepDecayOptions,
  stepDecay,
} from './train/schedule.ts';
export { type SgdOptions, sgd } from './train/sgd.ts';
export type { TrainingState } from './train/state.ts';
export { type Epoch, type Training, train } from './train/train.ts';
