import { damaged, readJson } from '../io/pieces.ts';
import { show } from '../runtime/errors.ts';
import { inOrder } from './in-order.ts';

const LENGTH_BYTES = 8;
/** A header larger than this is refused before it is parsed. */
const MAX_HEADER_BYTES = 2 ** 24;
const ITEM_BYTES = { F32: 4, I8: 1, U8: 1 } as const;
export type Dtype = keyof typeof ITEM_BYTES;

/** A safetensors file, of which only what is asked for is looked at: io/safetensors.ts looks at all. */
export interface TensorFile {
  readonly metadata: Record<string, string>;
  /**
   * The bytes of a tensor.
   * @param shape by default one row, however long
   * @throws DataError when there is no such tensor
   */
  tensor(name: string, dtype: Dtype, shape?: readonly number[]): Uint8Array;
}

/** @throws DataError when the bytes do not begin with a header, or end in it */
export function openTensorFile({ buffer, byteOffset, length }: Uint8Array): TensorFile {
  // Not what may be a Buffer of Node, which takes longer to make views.
  const bytes = new Uint8Array(buffer, byteOffset, length);
  const whole = length < LENGTH_BYTES ? -1 : Number(new DataView(buffer, byteOffset).getBigUint64(0, true));
  const start = LENGTH_BYTES + whole;
  if (whole < 0 || whole > MAX_HEADER_BYTES || start > length) {
    throw damaged('it is cut short, or no safetensors file');
  }
  const header = new TextDecoder().decode(bytes.subarray(LENGTH_BYTES, start));
  const entries = readJson({ header }, 'header');
  const metadata = (entries.__metadata__ ?? {}) as Record<string, string>;
  const areTexts = Object.values(metadata).every((text) => typeof text === 'string');
  inOrder(areTexts, 'its metadata are no texts');
  return {
    metadata,
    tensor: (name, dtype, shape) => {
      const { dtype: type, shape: sizes, data_offsets: offsets } = (entries[name] ?? {}) as Entry;
      const [begin, end] = Array.isArray(offsets) ? offsets : [];
      const size = shape?.reduce((bytes, length) => bytes * length, ITEM_BYTES[dtype]);
      const isThere =
        type === dtype &&
        (shape === undefined || JSON.stringify(sizes) === JSON.stringify(shape)) &&
        [begin, end].every((offset) => Number.isSafeInteger(offset) && offset >= 0) &&
        end === begin + (size ?? end - begin) &&
        end >= begin &&
        end <= length - start;
      if (isThere) return bytes.subarray(start + begin, start + end);
      throw damaged(`it has no tensor ${show(name)} of ${dtype} [${shape ?? ''}]`);
    },
  };
}

/** What the header says of a tensor, if it is a header. */
interface Entry {
  readonly dtype?: unknown;
  readonly shape?: unknown;
  readonly data_offsets?: unknown;
}
