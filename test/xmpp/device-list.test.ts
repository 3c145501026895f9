// SPDX-License-Identifier: GPL-3.0-or-later

import { describe, expect, test } from 'vitest';
import { buildAgent } from '#main/xmpp/agent.ts';
import { parseTag, readDeviceList, toRawDevices } from '#main/xmpp/device-list.ts';
import { formatTag } from '#shared/model/instance-tag.ts';
import { fromMessage } from '#main/xmpp/inbound.ts';
import { IncomingStream } from '#main/xmpp/transport/xml-stream.ts';
import type { WireEvent } from '#main/xmpp/wire.ts';
import { configure, deps, jid } from './parties.ts';

const own = jid('alice@localhost');
const { agent } = buildAgent({
  server: configure({ host: 'x', port: 1, certificatePem: '' }, own),
  resource: undefined,
  deps,
  hooks: { judge: () => ({ tag: 'drop' }), heard: () => undefined, ended: () => undefined },
});
const HEADER =
  "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";
const NODE = 'urn:xmpp:otr:1:devices';
const device = (id: string, label?: string): string =>
  `<device id='${id}'${label === undefined ? '' : ` label='${label}'`}/>`;

/** What a message makes, by the way a client goes; bob is a contact, eve is none. */
function read(xml: string): readonly WireEvent[] {
  const events: WireEvent[] = [];
  const isContact = (other: string): boolean => other === 'bob@localhost';
  const address = { registry: agent.stanzas, domain: 'localhost', language: 'en' };
  const incoming = new IncomingStream(address, (part) => {
    if (part.tag !== 'element' || part.kind !== 'message') return;
    events.push(
      ...fromMessage(part.stanza, {
        own,
        now: 1_700_000_000_000,
        isContact,
        isPrekeyServer: () => false,
      }),
    );
  });
  expect(incoming.write(Buffer.from(HEADER + xml))).toBe(true);
  return events;
}

const message = (from: string, inner: string, type = 'headline'): string =>
  `<message ${from} to='alice@localhost/desk' type='${type}'>` +
  `<event xmlns='http://jabber.org/protocol/pubsub#event'>${inner}</event></message>`;
const items = (devices: string, namespace = 'urn:xmpp:otr:1', node = NODE): string =>
  `<items node='${node}'><item id='current'><devices xmlns='${namespace}'>${devices}</devices>` +
  `</item></items>`;
const FROM_BOB = "from='bob@localhost'";
const PHONE = device('7c91e4ce', 'Phone');
const bobs = (devices: readonly unknown[]) => [
  { tag: 'device-list', of: 'bob@localhost', devices },
];
const phone = { tag: 0x7c91e4ce, label: 'Phone' };

describe('xep:S-01 the id of a device', () => {
  test.each([
    ['c45b041c', 0xc45b041c],
    ['C45B041C', 0xc45b041c],
    ['0xC45b041c', 0xc45b041c],
    ['100', 0x100],
    ['0x00000100', 0x100],
    ['ff', undefined],
    ['0', undefined],
    ['', undefined],
    ['c45b041c0', undefined],
    ['-100', undefined],
    [' 100', undefined],
    ['1e3g', undefined],
    [undefined, undefined],
  ])('%s is read as %s', (text, tag) => {
    expect(parseTag(text)).toBe(tag);
  });

  test('is written in one form', () => {
    expect(formatTag(0x100)).toBe('00000100');
    expect(formatTag(0xc45b041c)).toBe('c45b041c');
  });
});

describe('ux:A6 a list as somebody may have made it', () => {
  const tag = (index: number): string => formatTag(0x1000 + index);

  test.each([
    [63, 63],
    [64, 64],
    [65, 64],
    [500, 64],
  ])('xep:S-01 of %d devices, %d are read', (listed, kept) => {
    const raw = Array.from({ length: listed }, (_, index) => ({ id: tag(index), label: 'x' }));
    expect(readDeviceList(raw)).toHaveLength(kept);
  });

  test('xep:S-01 a device that is there twice counts once, and the first label stands', () => {
    const raw = [
      { id: '7c91e4ce', label: 'Phone' },
      { id: '0x7C91E4CE', label: 'Other' },
      { id: 'nonsense', label: 'x' },
      { id: '00000200', label: undefined },
    ];
    expect(readDeviceList(raw)).toEqual([phone, { tag: 0x200, label: undefined }]);
  });

  test.each([
    ['', undefined],
    ['  ', undefined],
    ['\u202e\u200b', undefined],
    ['\u202eenohP', 'enohP'],
    ['a'.repeat(52), 'a'.repeat(52)],
    ['a'.repeat(53), 'a'.repeat(53)],
    ['a'.repeat(54), 'a'.repeat(53)],
    ['a'.repeat(5000), 'a'.repeat(53)],
    ['\u{1f4f1}'.repeat(60), '\u{1f4f1}'.repeat(53)],
  ])('xep:X-12 a label is at most 53 visible code points (case %#)', (label, read_) => {
    expect(readDeviceList([{ id: '100', label }])).toEqual([{ tag: 0x100, label: read_ }]);
  });

  test('xep:S-01 we never write more than eight', () => {
    const devices = Array.from({ length: 9 }, (_, index) => ({ tag: 0x100 + index, label: 'x' }));
    expect(toRawDevices(devices)).toHaveLength(8);
    expect(toRawDevices(devices.slice(0, 8))).toHaveLength(8);
  });
});

describe('an event', () => {
  test('xep:S-27 tells the newest list of a contact', () => {
    expect(read(message(FROM_BOB, items(PHONE)))).toEqual(bobs([phone]));
  });

  test('xep:T-67 xep:S-05 may carry the namespace of the example by mistake, in this node only', () => {
    const mistaken = items(PHONE, 'urn:xmpp:omemo:1');
    expect(read(message(FROM_BOB, mistaken))).toEqual(bobs([phone]));
    const elsewhere = items(PHONE, 'urn:xmpp:omemo:1', 'urn:xmpp:omemo:1:devices');
    expect(read(message(FROM_BOB, elsewhere))).toEqual([]);
    expect(read(message(FROM_BOB, items(PHONE, 'urn:xmpp:otr:1', 'urn:x:other')))).toEqual([]);
  });

  test('xep:S-05 of another namespace lists nothing that we know', () => {
    expect(read(message(FROM_BOB, items(PHONE, 'urn:xmpp:other')))).toEqual(bobs([]));
    const foreign = "<device xmlns='urn:xmpp:other' id='7c91e4ce'/>";
    expect(read(message(FROM_BOB, items(foreign + device('200'))))).toEqual(
      bobs([{ tag: 0x200, label: undefined }]),
    );
  });

  test('from the own account comes without a sender or from its bare address', () => {
    const mine = [{ tag: 'device-list', of: own, devices: [phone] }];
    expect(read(message("from='alice@localhost'", items(PHONE)))).toEqual(mine);
    expect(read(message('', items(PHONE)))).toEqual(mine);
  });

  test.each([
    ['a stranger', "from='eve@evil.example'"],
    ['a device of the contact', "from='bob@localhost/phone'"],
    ['a device of our own', "from='alice@localhost/phone'"],
    ['the server', "from='localhost'"],
  ])('xep:T-67 sec:T-X-FROM-4 from %s counts for nothing', (_, from) => {
    expect(read(message(from, items(PHONE)))).toEqual([]);
  });

  test('sec:T-X-FROM-4 in a copy, in an error or inside of something else counts for nothing', () => {
    const inner = message(`xmlns='jabber:client' ${FROM_BOB}`, items(PHONE));
    const forwarded = `<forwarded xmlns='urn:xmpp:forward:0'>${inner}</forwarded>`;
    const copy = `<received xmlns='urn:xmpp:carbons:2'>${forwarded}</received>`;
    expect(read(`<message from='alice@localhost'>${copy}</message>`)).toEqual([]);
    expect(read(`<message ${FROM_BOB}>${forwarded}</message>`)).toEqual([]);
    expect(read(message(FROM_BOB, items(PHONE), 'error'))).toEqual([]);
  });

  test.each([
    ['retracted', `<items node='${NODE}'><retract id='current'/></items>`],
    ['purged', `<purge node='${NODE}'/>`],
    ['deleted', `<delete node='${NODE}'/>`],
    ['empty', items('')],
  ])('xep:S-08 a list that was %s names no device', (_, inner) => {
    expect(read(message(FROM_BOB, inner))).toEqual(bobs([]));
  });

  test('about the node itself, another item or another node says nothing', () => {
    expect(read(message(FROM_BOB, `<configuration node='${NODE}'/>`))).toEqual([]);
    expect(read(message(FROM_BOB, `<purge node='urn:x:other'/>`))).toEqual([]);
    const other = `<items node='${NODE}'><retract id='older'/></items>`;
    expect(read(message(FROM_BOB, other))).toEqual([]);
  });

  test('ux:A6 with 500 devices, labels of 5 kB and an empty one is read as far as the limits go', () => {
    const many = Array.from({ length: 500 }, (_, index) =>
      device(formatTag(0x100 + index), index === 0 ? '' : 'y'.repeat(index === 1 ? 5000 : 10)),
    );
    const [event] = read(message(FROM_BOB, items(many.join(''))));
    const devices = event?.tag === 'device-list' ? event.devices : [];
    expect(devices).toHaveLength(64);
    expect(devices[0]?.label).toBeUndefined();
    expect(devices[1]?.label).toBe('y'.repeat(53));
  });
});
