import { constants } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { DataError, UsageError } from '../runtime/errors.ts';
import { fileError } from './file-error.ts';

/**
 * Reads a text file; a byte order mark is dropped and every line ends in `\n`, whatever the file does.
 * @param encoding any name the Encoding Standard knows (latin1, utf-16le, shift_jis …), default utf-8
 * @throws DataError when the file cannot be read, is empty or is not text in this encoding
 */
export function readText(path: string, encoding = 'utf-8'): string {
  let decoder: TextDecoder;
  try {
    decoder = new TextDecoder(encoding, { fatal: true });
  } catch {
    throw new UsageError('--encoding', { expected: 'a name such as utf-8 or latin1', got: `"${encoding}"` });
  }
  const bytes = readBytes(path);
  if (bytes.length > constants.MAX_STRING_LENGTH) {
    throw new DataError(`${path} is too large`, {
      expected: 'at most 512 MB',
      cause: 'Split it into parts.',
    });
  }
  const isUtf8 = decoder.encoding === 'utf-8';
  if (isUtf8) refuseUtf16(path, bytes);
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    throw isUtf8 ? notUtf8(path, bytes) : new DataError(`${path} is not ${encoding}`);
  }
  const zero = text.indexOf('\0');
  if (zero >= 0)
    throw new DataError(`${path}, line ${lineAt(text, zero)}: a zero byte: this is not a text file`);
  return text.replace(/\r\n?/g, '\n');
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw fileError(`cannot read ${path}`, error);
  }
}

function refuseUtf16(path: string, bytes: Buffer): void {
  const mark = bytes.subarray(0, 2).toString('hex');
  if (mark === 'fffe' || mark === 'feff') {
    const got = 'a file in UTF-16';
    throw new DataError(path, { expected: 'UTF-8', got, cause: convert('utf-16', path) });
  }
}

function notUtf8(path: string, bytes: Buffer): DataError {
  // Decoding forgives, encoding writes what was understood: they part at the first bad byte.
  const understood = Buffer.from(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
  const at = bytes.findIndex((byte, index) => byte !== understood[index]);
  const line = lineAt(bytes.toString('latin1', 0, at), at);
  return new DataError(`${path}, line ${line} (byte ${at + 1} of the file)`, {
    expected: 'UTF-8',
    got: `the byte 0x${bytes[at].toString(16).toUpperCase()}`,
    cause: `It is probably Latin-1. ${convert('latin1', path)}, or pass --encoding latin1`,
  });
}

function convert(encoding: string, path: string): string {
  const copy = path.replace(/(\.\w+)?$/, '-utf8$1');
  return `Convert it: iconv -f ${encoding} -t utf-8 ${path} > ${copy}`;
}

const lineAt = (text: string, at: number) => text.slice(0, at).split(/\r\n?|\n/).length;
