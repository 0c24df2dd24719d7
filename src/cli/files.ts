import { randomBytes } from 'node:crypto';
import { existsSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DataError } from '../runtime/errors.ts';
import { fileError } from './file-error.ts';

/**
 * Writes a file that appears whole or not at all: under another name in the same folder, then renamed.
 * @throws DataError when the disk or the folder refuses; what stood at `path` is then as it was
 */
export function writeFileWhole(path: string, bytes: Uint8Array | string): void {
  writeBeside(path, bytes, renameSync);
}

/**
 * Finds out, before the work and not after, whether `writeFileWhole` will be able to write `path`.
 * @throws DataError when the folder is missing or refuses, or `path` is something else than a file
 */
export function checkWritable(path: string): void {
  // Permissions say little (root passes them, a read-only disk has them), so a file is really made.
  writeBeside(path, '', () => {});
}

/** Writes a file beside `path`, hands on its name and the true target's, and leaves nothing of that name. */
function writeBeside(
  path: string,
  bytes: Uint8Array | string,
  use: (temporary: string, target: string) => void,
): void {
  const target = destination(path);
  const temporary = join(dirname(target), `.gatelet-${randomBytes(6).toString('hex')}.tmp`);
  try {
    writeFileSync(temporary, bytes, { flag: 'wx', flush: true });
    use(temporary, target);
  } catch (error) {
    throw fileError(`cannot write ${path}`, error);
  } finally {
    // Node 24 complains, force or not, where what should be the folder is a file.
    if (existsSync(temporary)) rmSync(temporary);
  }
}

/** Where the bytes go: a link is followed, and what is no file (a folder, /dev/null) is never replaced. */
function destination(path: string): string {
  const folder = dirname(path);
  try {
    if (!statSync(folder, { throwIfNoEntry: false })) {
      throw new DataError(`cannot write ${path}: there is no folder ${folder}`);
    }
    const there = statSync(path, { throwIfNoEntry: false });
    if (!there) return path;
    if (there.isDirectory()) {
      throw new DataError(`cannot write ${path}: it is a folder`, { cause: 'Name a file inside it.' });
    }
    if (!there.isFile()) throw new DataError(`cannot write ${path}: it is not an ordinary file`);
    return realpathSync(path);
  } catch (error) {
    throw fileError(`cannot write ${path}`, error);
  }
}
