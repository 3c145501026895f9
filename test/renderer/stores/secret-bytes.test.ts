// SPDX-License-Identifier: GPL-3.0-or-later

import { describe, expect, it } from 'vitest';
import { lendSecrets } from '../../../src/renderer/stores/secret-bytes.ts';
import { utf8 } from '../../support/open-window.ts';

describe('a typed secret', () => {
  it('is lent as UTF-8 and overwritten after the request', async () => {
    let lent = new Uint8Array();
    await lendSecrets({ passphrase: 'Größe' }, ({ passphrase }) => {
      expect(passphrase).toEqual(utf8('Größe'));
      lent = passphrase;
      return Promise.resolve();
    });
    expect(lent).toEqual(new Uint8Array(7));
  });

  it('is overwritten when the request fails too', async () => {
    let lent = new Uint8Array();
    const failing = lendSecrets({ passphrase: 'abc' }, ({ passphrase }) => {
      lent = passphrase;
      return Promise.reject(new TypeError('no main'));
    });
    await expect(failing).rejects.toThrow(TypeError);
    expect(lent).toEqual(new Uint8Array(3));
  });
});
