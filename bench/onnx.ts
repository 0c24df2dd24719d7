/**
 * The core model as an ONNX file: ids [batch,words] → table → LSTM → dense → sigmoid → probability [batch,1].
 * ONNX is Protocol Buffers: a message is a list of fields, each a number, a wire type and a value.
 * Field numbers are those of onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto).
 */

/** Operator set 12: the last in which Squeeze has its axes as an attribute. */
const OPSET = 12;
const IR_VERSION = 7;
const [FLOAT, INT32] = [1, 6];
/** ONNX has the gates i o f g; ours are i f g o. */
const GATES = [0, 3, 1, 2];

type Field = Uint8Array;

/** @param weights as weights.f32 has them: table [V,E], weightIH, weightHH, bias, dense [H], its bias */
export function coreOnnx(weights: Float32Array, V: number, E: number, H: number): Uint8Array<ArrayBuffer> {
  let at = 0;
  const take = (count: number) => {
    at += count;
    return weights.subarray(at - count, at);
  };
  const table = take(V * E);
  const [weightIH, weightHH, bias] = [take(4 * H * E), take(4 * H * H), take(4 * H)].map(reorder);
  const bothBiases = new Float32Array(8 * H); // of the input and of the state; ours is their sum
  bothBiases.set(bias);
  const graph = [
    node('Gather', ['table', 'ids'], ['x']),
    node('Transpose', ['x'], ['timeMajor'], integers('perm', [1, 0, 2])),
    node('LSTM', ['timeMajor', 'W', 'R', 'B'], ['', 'state'], integer('hidden_size', H)),
    node('Squeeze', ['state'], ['h'], integers('axes', [0])),
    node('Gemm', ['h', 'dense', 'denseBias'], ['logit'], integer('transB', 1)),
    node('Sigmoid', ['logit'], ['probability']),
    text(2, 'core'),
    tensor('table', [V, E], table),
    tensor('W', [1, 4 * H, E], weightIH),
    tensor('R', [1, 4 * H, H], weightHH),
    tensor('B', [1, 8 * H], bothBiases),
    tensor('dense', [1, H], take(H)),
    tensor('denseBias', [1], take(1)),
    value(11, 'ids', INT32, ['batch', 'words']),
    value(12, 'probability', FLOAT, ['batch', 1]),
  ];
  const opset = [text(1, ''), number(2, OPSET)];
  return join([number(1, IR_VERSION), text(2, 'gatelet'), message(7, graph), message(8, opset)]);
}

function reorder(stacked: Float32Array): Float32Array {
  const size = stacked.length / GATES.length;
  const result = new Float32Array(stacked.length);
  GATES.forEach((gate, i) => {
    result.set(stacked.subarray(gate * size, (gate + 1) * size), i * size);
  });
  return result;
}

function node(kind: string, inputs: string[], outputs: string[], ...attributes: Field[][]): Field {
  return message(1, [
    ...inputs.map((name) => text(1, name)),
    ...outputs.map((name) => text(2, name)),
    text(4, kind),
    ...attributes.map((attribute) => message(5, attribute)),
  ]);
}

const integer = (name: string, value: number): Field[] => [text(1, name), number(3, value), number(20, 2)];
const integers = (name: string, values: number[]): Field[] => [
  text(1, name),
  ...values.map((value) => number(8, value)),
  number(20, 7),
];

function tensor(name: string, shape: number[], values: Float32Array): Field {
  const raw = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const sizes = shape.map((size) => number(1, size));
  return message(5, [...sizes, number(2, FLOAT), text(8, name), bytes(9, raw)]);
}

/** What goes into the graph or comes out of it; a size with a name may be any. */
function value(field: number, name: string, type: number, shape: (number | string)[]): Field {
  const sizes = shape.map((size) => message(1, [typeof size === 'string' ? text(2, size) : number(1, size)]));
  const tensorType = message(1, [number(1, type), message(2, sizes)]);
  return message(field, [text(1, name), message(2, [tensorType])]);
}

const message = (field: number, fields: Field[]): Field => bytes(field, join(fields));
const text = (field: number, value: string): Field => bytes(field, new TextEncoder().encode(value));
const number = (field: number, value: number): Field =>
  Uint8Array.from([...varint(field * 8), ...varint(value)]);
const bytes = (field: number, value: Uint8Array): Field =>
  join([Uint8Array.from([...varint(field * 8 + 2), ...varint(value.length)]), value]);

/** Seven bits a byte, the lowest first; the eighth says that more follow. */
function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}

function join(parts: Field[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
