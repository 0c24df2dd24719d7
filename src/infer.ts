/** gatelet/infer: runs text models that gatelet has trained, and nothing else. */
export { type LoadOptions, load } from './infer/load.ts';
export type { Predictor } from './infer/predictor.ts';
export type { Prediction, TextStream } from './model/prediction.ts';
export { DataError, GateletError, UsageError } from './runtime/errors.ts';
