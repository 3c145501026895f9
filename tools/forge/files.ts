// SPDX-License-Identifier: GPL-3.0-or-later

import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { Complaint } from './complaint.ts';

/** npm starts us in the project's folder; paths are meant from where the user stands. */
export function toPath(name: string): string {
  return resolve(process.env['INIT_CWD'] ?? process.cwd(), name);
}

export function note(text: string): void {
  process.stderr.write(`forge: ${text}\n`);
}

/** @param path a file, or `-` for standard input */
export function readBytes(path: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path === '-' ? 0 : toPath(path)));
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unreadable';
    throw new Complaint(`${path} cannot be read (${why}).`, 'Check the name and its permissions.');
  }
}

export function readText(path: string): string {
  return new TextDecoder().decode(readBytes(path));
}

/** Tells when others on this machine may read a file that holds a key. */
export function readKeyBytes(path: string): Uint8Array {
  if (/^[0-9a-f]{64,}$/i.test(path)) {
    throw new Complaint(
      'That is a key, not the name of a file.',
      'Your shell remembers what you type: write the key into a file that only you can read.',
    );
  }
  const bytes = readBytes(path);
  if (path === '-' || process.platform === 'win32') return bytes;
  if ((statSync(toPath(path)).mode & 0o077) !== 0) {
    note(`others on this machine can read ${basename(path)}; chmod 600 keeps it to yourself`);
  }
  return bytes;
}

/** A new file that only its owner may read. Nothing is written over. */
export function writeSecret(path: string, content: string): void {
  try {
    writeFileSync(toPath(path), content, { mode: 0o600, flag: 'wx' });
  } catch (cause) {
    if (!(cause instanceof Error) || !('code' in cause)) throw cause;
    throw new Complaint(
      `${path} cannot be written (${String(cause.code)}).`,
      'Name a file that does not exist yet, in a folder that does.',
    );
  }
}
