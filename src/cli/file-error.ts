import { DataError } from '../runtime/errors.ts';

const REASONS: Record<string, string> = {
  EACCES: 'permission denied',
  EBUSY: 'another program is using it',
  EDQUOT: 'your disk quota is used up',
  EFBIG: 'the disk does not take a file this large',
  EIO: 'the disk reports an error',
  EISDIR: 'it is a folder',
  ELOOP: 'its links lead round in a circle',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'the name is too long',
  ENOENT: 'there is no such file or folder',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EPERM: 'it is not permitted',
  EROFS: 'the disk is read-only',
  ERR_FS_FILE_TOO_LARGE: 'it is too large to read at once',
  ETXTBSY: 'it is a program that is running',
};

/**
 * Says in the user's words why the system refused a file; any other error is given back as it is.
 * @param what what could not be done, such as `cannot read reviews.csv`
 */
export function fileError(what: string, error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (typeof code !== 'string' || !Object.hasOwn(REASONS, code)) return error;
  return new DataError(`${what}: ${REASONS[code]}`);
}
