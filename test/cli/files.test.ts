import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fileError } from '../../src/cli/file-error.ts';
import { checkWritable, writeFileWhole } from '../../src/cli/files.ts';
import { DataError } from '../../src/runtime/errors.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatelet-files-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('writeFileWhole', () => {
  test('writes a new file and replaces an old one, leaving nothing else', () => {
    const path = join(folder, 'mood.safetensors');
    writeFileWhole(path, new Uint8Array([1, 2, 3, 4]));
    writeFileWhole(path, new Uint8Array([5, 6]));
    expect([...readFileSync(path)]).toEqual([5, 6]);
    expect(readdirSync(folder)).toEqual(['mood.safetensors']);
  });

  test('writes text, under the longest name a disk takes', () => {
    const name = 'n'.repeat(255);
    writeFileWhole(join(folder, name), 'é');
    expect(readFileSync(join(folder, name), 'utf8')).toBe('é');
  });

  test('writes through a link and keeps the link', () => {
    writeFileSync(join(folder, 'v1'), 'old');
    symlinkSync('v1', join(folder, 'latest'));
    writeFileWhole(join(folder, 'latest'), 'new');
    expect(readFileSync(join(folder, 'v1'), 'utf8')).toBe('new');
    expect(lstatSync(join(folder, 'latest')).isSymbolicLink()).toBe(true);
  });

  test('leaves the old file and nothing else when writing fails', () => {
    const path = join(folder, 'mood.safetensors');
    writeFileSync(path, 'old');
    // What is no bytes fails once the temporary file is open.
    expect(() => writeFileWhole(path, 5 as unknown as Uint8Array)).toThrow();
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['mood.safetensors']);
  });
});

describe.each([
  ['writeFileWhole', (path: string) => writeFileWhole(path, 'x')],
  ['checkWritable', checkWritable],
])('%s refuses', (_, write) => {
  test.each<[string, string, RegExp]>([
    ['a folder that is not there', 'a/b/mood.safetensors', /cannot write .*: there is no folder .*a\/b$/],
    ['a folder as the file', 'folder', /it is a folder. Name a file inside it/],
    ['a file as the folder', 'file/mood.safetensors', /a part of the path is a file/],
    ['a name too long', 'n'.repeat(300), /the name is too long/],
  ])('%s', (_, name, message) => {
    mkdirSync(join(folder, 'folder'));
    writeFileSync(join(folder, 'file'), 'old');
    expect(() => write(join(folder, name))).toThrow(DataError);
    expect(() => write(join(folder, name))).toThrow(message);
    expect(readdirSync(folder).sort()).toEqual(['file', 'folder']);
  });

  test('to replace what is no ordinary file', () => {
    expect(() => write('/dev/null')).toThrow(/not an ordinary file/);
    expect(lstatSync('/dev/null').isCharacterDevice()).toBe(true);
  });

  test('a folder in which not even root can make a file', () => {
    expect(() => write('/proc/mood.safetensors')).toThrow(DataError);
  });
});

test('checkWritable leaves neither the file nor a trace, and an old file as it is', () => {
  checkWritable(join(folder, 'new'));
  expect(readdirSync(folder)).toEqual([]);
  writeFileSync(join(folder, 'old'), 'old');
  checkWritable(join(folder, 'old'));
  expect(readFileSync(join(folder, 'old'), 'utf8')).toBe('old');
});

test.each([
  ['ENOSPC', 'the disk is full'],
  ['EACCES', 'permission denied'],
  ['EROFS', 'the disk is read-only'],
  ['EDQUOT', 'your disk quota is used up'],
])('%s is said as "%s"', (code, words) => {
  const error = fileError('cannot write x', Object.assign(new Error(), { code }));
  expect(error).toEqual(new DataError(`cannot write x: ${words}`));
});

test('an error that is not the disk’s is given back', () => {
  const bug = new TypeError('bug');
  expect(fileError('cannot write x', bug)).toBe(bug);
});
