// The door for predictions: kernels that read one text at a time, forward.
export { reluForward, tanhForward } from './kernels/activation';
export { batchNormForward, batchNormPrepare } from './kernels/batchnorm';
export { concatForward } from './kernels/concat';
export { denseForward, denseForwardQuantised, densePack } from './kernels/dense';
export { embeddingForward, embeddingForwardQuantised } from './kernels/embedding';
export { allFinite } from './kernels/finite';
export { sigmoidForward, softmaxForward } from './kernels/loss';
export {
  lstmPredict, lstmPredictDistinct, lstmPredictPack, lstmPredictPackQuantised, lstmPredictScratch,
} from './kernels/lstmpredict';
export { poolLastForward, poolMaxForward, poolMeanForward } from './kernels/pool';
export { matmulQuantisedScratch, packQuantised, quantisedPanelBytes, quantisedRowBytes } from './quantise';
