// What both builds of ONNX Runtime have in common.
import { readIds, readOnnx } from './files.mjs';

export async function prepareSession(ort, executionProvider, folder) {
  const bytes = readOnnx(folder);
  const ids = readIds(folder);
  return async () => {
    const session = await ort.InferenceSession.create(bytes, {
      executionProviders: [executionProvider],
      graphOptimizationLevel: 'all',
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
    });
    return async (from, count) => {
      const input = new ort.Tensor('int32', ids.rows(from, count), [count, ids.length]);
      return (await session.run({ ids: input })).probability.data;
    };
  };
}
