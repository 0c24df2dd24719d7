// The door for predictions: kernels that read one text at a time, forward.
export { reluForward, tanhForward } from './kernels/activation';
export { batchNormForward, batchNormPrepare } from './kernels/batchnorm';
export { concatForward } from './kernels/concat';
export { denseForward, densePack } from './kernels/dense';
export { denseTextForward } from './kernels/densetext';
export { embeddingForward, embeddingForwardQuantised } from './kernels/embedding';
export { allFinite } from './kernels/finite';
export { gatesPack } from './kernels/gates';
export { sigmoidForward, softmaxForward } from './kernels/loss';
export { lstmText, lstmTextProject } from './kernels/lstmtext';
export { poolLastForward, poolMaxForward, poolMeanForward } from './kernels/pool';
