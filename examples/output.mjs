import { renameSync, rmSync, statSync, writeFileSync } from 'node:fs';

/** A file that the system refuses. */
export class OutputError extends Error {}

/** Writes a file that appears whole or not at all: under another name, then renamed. */
export function writeWhole(path, bytes) {
  writeBeside(path, bytes, (temporary) => renameSync(temporary, path));
}

/** Finds out before the work, not after, whether `writeWhole` will be able to write. */
export function checkWritable(path) {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw refused(path, 'it is a folder');
  writeBeside(path, '', () => {});
}

function writeBeside(path, bytes, use) {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, bytes);
    use(temporary);
  } catch (error) {
    throw refused(path, error.message);
  } finally {
    rmSync(temporary, { force: true });
  }
}

const refused = (path, why) => new OutputError(`cannot write ${path} in ${process.cwd()}: ${why}`);
