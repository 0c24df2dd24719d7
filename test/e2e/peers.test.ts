// What `npm run bench -- peers` rests on, without the other libraries.
import { describe, expect, it } from 'vitest';
import { coreOnnx } from '../../bench/onnx.ts';
import { differences, standing } from '../../bench/race.ts';

type Message = Map<number, (number | Buffer)[]>;

/** The fields of a Protocol Buffers message, as the format's description has them. */
function read(bytes: Buffer): Message {
  const fields: Message = new Map();
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = bytes[at++];
      value += (byte & 127) * shift;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const key = varint();
    const length = varint();
    const isBytes = key % 8 === 2;
    const value = isBytes ? bytes.subarray(at, at + length) : length;
    if (isBytes) at += length;
    fields.set(key >> 3, [...(fields.get(key >> 3) ?? []), value]);
  }
  return fields;
}
const messages = (message: Message, field: number) =>
  message.get(field)!.map((bytes) => read(bytes as Buffer));
const strings = (message: Message, field: number) => message.get(field)!.map(String);

describe('the core model as ONNX', () => {
  const [V, E, H] = [5, 2, 3];
  const weights = Float32Array.from({ length: V * E + 4 * H * (E + H + 1) + H + 1 }, (_, i) => i);
  const [graph] = messages(read(Buffer.from(coreOnnx(weights, V, E, H))), 7);
  const tensors = new Map(
    messages(graph, 5).map((tensor) => {
      const raw = tensor.get(9)![0] as Buffer;
      const values = Array.from({ length: raw.length / 4 }, (_, i) => raw.readFloatLE(i * 4));
      return [strings(tensor, 8)[0], { shape: tensor.get(1), values }];
    }),
  );

  it('is a chain of nodes from ids to a probability', () => {
    const nodes = messages(graph, 1);
    expect(nodes.flatMap((node) => strings(node, 4))).toEqual([
      'Gather',
      'Transpose',
      'LSTM',
      'Squeeze',
      'Gemm',
      'Sigmoid',
    ]);
    const known = new Set(['ids', ...tensors.keys()]);
    for (const node of nodes) {
      for (const input of strings(node, 1)) expect(known).toContain(input);
      for (const output of strings(node, 2)) known.add(output);
    }
    expect(known).toContain('probability');
  });

  it('has each tensor in its shape, the gates in the order i o f c', () => {
    const shapes = Object.fromEntries([...tensors].map(([name, { shape }]) => [name, shape]));
    expect(shapes).toEqual({
      table: [V, E],
      W: [1, 4 * H, E],
      R: [1, 4 * H, H],
      B: [1, 8 * H],
      dense: [1, H],
      denseBias: [1],
    });
    const [i, f, g, o] = [0, 1, 2, 3].map((gate) => {
      const from = V * E + gate * H * E;
      return Array.from(weights.subarray(from, from + H * E));
    });
    expect(tensors.get('W')!.values).toEqual([...i, ...o, ...f, ...g]);
  });
});

describe('a race', () => {
  it('begins only when all compute the same, each within its tolerance', () => {
    const gatelet = { name: 'gatelet', tolerance: 1e-5, outputs: [0.25, 0.5] };
    const near = { name: 'near', tolerance: 1e-5, outputs: [0.25, 0.500001] };
    const int8 = { name: 'int8', tolerance: 0.02, outputs: [0.26, 0.5] };
    const found = differences([gatelet, near, int8]);
    expect(found.get('near')).toBeCloseTo(1e-6, 9);
    expect(found.get('int8')).toBeCloseTo(0.01, 9);
    for (const outputs of [[0.25, 0.5001], [0.25, Number.NaN], [0.25], [0.25, 0.5, 0.5]]) {
      const wrong = { name: 'wrong', tolerance: 1e-5, outputs };
      expect(() => differences([gatelet, wrong])).toThrow('wrong and gatelet do not compute the same');
    }
  });

  it('compares medians round by round', () => {
    const turns = (factor: number) =>
      [1, 10, 2].map((pace) => ({ times: [1, 2, 90].map((ms) => ms * pace * factor), cpuMs: pace * factor }));
    const race = new Map([
      ['gatelet', turns(1)],
      ['slower', turns(3)],
    ]);
    expect(standing(race, 'gatelet')).toMatchObject({ value: 4, cpuMs: 2, timesGatelet: 1 });
    expect(standing(race, 'slower')).toMatchObject({ value: 12, timesGatelet: 3, calls: 9, rounds: 3 });
  });
});
