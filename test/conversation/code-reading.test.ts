// SPDX-License-Identifier: GPL-3.0-or-later

import { afterEach, describe, expect, it } from 'vitest';
import { type Compared, readCode } from '#main/conversation/code-reading.ts';
import type { BareJid } from '#shared/model/jid.ts';
import type { CodeReading } from '#shared/model/link.ts';
import { expectSilence } from '../support/expectations.ts';
import { offTheRecord, type Pair } from '../support/two-services.ts';

const hexOf = (digit: string): string => digit.repeat(112);
const nameOf = (instanceTag: string) => ({ label: undefined, instanceTag });
const OLD = '0123456789ABCDEF0123456789ABCDEF01234567';

const compared: Compared = {
  peer: 'bob@example.org' as BareJid,
  devices: [
    { name: nameOf('00000100'), code: { hex: hexOf('B'), words: [] } },
    { name: nameOf('00000200'), code: { hex: hexOf('C'), words: [] } },
  ],
  ours: { jid: 'alice@example.org' as BareJid, hex: hexOf('A') },
};
const link = (jid: string, hex: string): string => `xmpp:${jid}?otr-fingerprint=${hex}`;
const grouped = (hex: string): string => (hex.match(/.{8}/g) ?? []).join(' ');

describe('a code from a picture, a link or a note', () => {
  it.each<[string, string, CodeReading]>([
    ['their link', link('bob@example.org', hexOf('B')), { tag: 'match' }],
    ['their link in small letters', link('bob@example.org', hexOf('b')), { tag: 'match' }],
    ['the digits', hexOf('b'), { tag: 'match' }],
    ['the digits in groups', `${grouped(hexOf('B'))}\n`, { tag: 'match' }],
    [
      'another device of theirs',
      link('bob@example.org', hexOf('C')),
      { tag: 'match-other', device: nameOf('00000200') },
    ],
    ['a key nobody has', link('bob@example.org', hexOf('D')), { tag: 'different' }],
    ['one digit off', `${'B'.repeat(111)}A`, { tag: 'different' }],
    [
      'the right digits of somebody else',
      link('mallory@example.org', hexOf('B')),
      { tag: 'other-address', jid: 'mallory@example.org' as BareJid },
    ],
    ['our own link', link('alice@example.org', hexOf('A')), { tag: 'ours' }],
    ['our own digits', hexOf('A'), { tag: 'ours' }],
    ['another device of ours', link('alice@example.org', hexOf('E')), { tag: 'ours' }],
    ['a code of OTR 3', link('bob@example.org', OLD), { tag: 'old-version' }],
    ['the digits of OTR 3', OLD, { tag: 'old-version' }],
    ['a link without a code', 'xmpp:bob@example.org', { tag: 'no-code' }],
    ['a link with half a code', link('bob@example.org', 'B'.repeat(56)), { tag: 'no-code' }],
    ['a web page', 'https://example.org/?otr-fingerprint=', { tag: 'no-code' }],
    ['nothing', '', { tag: 'no-code' }],
    ['too many digits', hexOf('B') + hexOf('C'), { tag: 'no-code' }],
  ])('xep:S-28 ux:10 %s', (_what, text, reading) => {
    expect(readCode(compared, '00000100', text)).toEqual(reading);
  });
});

describe('a code that was read', () => {
  let pair: Pair | undefined;

  afterEach(() => {
    if (pair !== undefined) expectSilence(pair);
    pair?.stage.close();
    pair = undefined;
  });

  it('xep:X-52 verifies nothing by itself: that is for the user to say', async () => {
    pair = await offTheRecord();
    const { alice, bob } = pair;
    const { service } = alice.party;
    const [device] = alice.view.devices;
    if (device === undefined) throw new TypeError('no device');
    const tag = device.name.instanceTag;
    const text = link(bob.party.jid, device.code.hex);
    expect(service.readCode(alice.id, tag, text)).toEqual({ tag: 'match' });
    expect(service.readCode(alice.id, tag, link(bob.party.jid, hexOf('0')))).toEqual({
      tag: 'different',
    });
    expect(alice.view).toMatchObject({
      state: 'unverified',
      devices: [{ trust: { tag: 'unverified' } }],
    });
    await service.compared(alice.id, tag, 'match');
    expect(alice.view.state).toBe('verified');
    expect(bob.view.state).toBe('unverified');
  });
});
