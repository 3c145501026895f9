// SPDX-License-Identifier: GPL-3.0-or-later

import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** A secret found where it must not be. */
export interface Leak {
  readonly file: string;
  readonly secret: string;
  readonly as: string;
}

const swapBytes = (bytes: Buffer): Buffer => Buffer.from(bytes).swap16();

/** The three ways a text can stand inside base64, without the characters its neighbours decide. */
function base64Forms(bytes: Buffer): readonly Buffer[] {
  return [0, 1, 2].map((offset) => {
    const padded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    const first = Math.ceil((offset * 8) / 6);
    const last = Math.floor(((offset + bytes.length) * 8) / 6);
    return Buffer.from(padded.slice(first, last));
  });
}

function formsOf(secret: string): readonly (readonly [name: string, bytes: Buffer])[] {
  const utf8 = Buffer.from(secret, 'utf8');
  const utf16 = Buffer.from(secret, 'utf16le');
  return [
    ['UTF-8', utf8],
    ['UTF-16LE', utf16],
    ['UTF-16BE', swapBytes(utf16)],
    ['hex', Buffer.from(utf8.toString('hex'))],
    ['HEX', Buffer.from(utf8.toString('hex').toUpperCase())],
    ['URL', Buffer.from(encodeURIComponent(secret))],
    ['JSON', Buffer.from(JSON.stringify(secret).slice(1, -1))],
    ['XML', Buffer.from(secret.replaceAll('&', '&amp;').replaceAll("'", '&apos;'))],
    ...base64Forms(utf8).map((bytes) => ['base64', bytes] as const),
  ];
}

/** All regular files below a folder; sockets and links are not followed. */
export function filesBelow(folder: string): readonly string[] {
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesBelow(path);
    return entry.isFile() ? [path] : [];
  });
}

/** Looks for every secret, in every usual encoding, in every byte of the given files and folders. */
export function searchLeaks(
  places: readonly string[],
  secrets: readonly string[],
): readonly Leak[] {
  const wanted = secrets.flatMap((secret) =>
    formsOf(secret).map(([as, bytes]) => ({ secret, as, bytes })),
  );
  const leaks: Leak[] = [];
  for (const place of places) {
    const files = lstatSync(place).isDirectory() ? filesBelow(place) : [place];
    for (const file of files) {
      const content = readFileSync(file);
      for (const { secret, as, bytes } of wanted) {
        if (content.includes(bytes))
          leaks.push({ file: relative(place, file) || file, secret, as });
      }
    }
  }
  return leaks;
}
