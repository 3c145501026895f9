// SPDX-License-Identifier: GPL-3.0-or-later

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { searchLeaks } from '../../tools/demo/leak-search.ts';

const secret = 'The box is under the “third” stair, Bob’s & mine';

const planted: readonly [as: string, bytes: Buffer][] = [
  ['UTF-8', Buffer.from(secret)],
  ['UTF-16LE', Buffer.from(secret, 'utf16le')],
  ['UTF-16BE', Buffer.from(secret, 'utf16le').swap16()],
  ['hex', Buffer.from(Buffer.from(secret).toString('hex'))],
  ['HEX', Buffer.from(Buffer.from(secret).toString('hex').toUpperCase())],
  ['URL', Buffer.from(encodeURIComponent(secret))],
  ['base64', Buffer.from(Buffer.from(`${secret} and more`).toString('base64'))],
  ['base64', Buffer.from(Buffer.from(`a${secret} and more`).toString('base64'))],
  ['base64', Buffer.from(Buffer.from(`ab${secret} and more`).toString('base64'))],
];

describe('sec:T-K-DISK-1 the search for leaks', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sotto-leak-'));
    mkdirSync(join(folder, 'deep/er'), { recursive: true });
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(planted)('finds a sentence written as %s', (as, bytes) => {
    writeFileSync(
      join(folder, 'deep/er/file.bin'),
      Buffer.concat([Buffer.alloc(4099, 7), bytes, Buffer.alloc(10, 9)]),
    );
    expect(searchLeaks([folder], ['something else entirely', secret])).toContainEqual({
      file: 'deep/er/file.bin',
      secret,
      as,
    });
  });

  it('finds a sentence inside stanzas, escaped as XML', () => {
    writeFileSync(join(folder, 'wire.xml'), `<body>${secret.replace('&', '&amp;')}</body>`);
    expect(searchLeaks([join(folder, 'wire.xml')], [secret])).toMatchObject([{ as: 'XML' }]);
  });

  it('says nothing about files that do not hold it', () => {
    writeFileSync(join(folder, 'innocent'), 'The box is under the third stair');
    expect(searchLeaks([folder], [secret])).toEqual([]);
  });
});
