// SPDX-License-Identifier: GPL-3.0-or-later

import { expect, test } from 'vitest';
import { findCandidates, NoServiceError } from '#main/xmpp/transport/endpoints.ts';

type Records = Readonly<
  Record<string, readonly [host: string, port: number, priority: number, weight: number][]>
>;

const resolver = (records: Records) => (name: string) => {
  const found = records[name];
  if (found === undefined) return Promise.reject(new Error('ENOTFOUND'));
  return Promise.resolve(
    found.map(([host, port, priority, weight]) => ({ name: host, port, priority, weight })),
  );
};

/** Bytes that make each draw take the lowest, or the highest, ticket. */
const lowest = (length: number): Uint8Array => new Uint8Array(length);

const find = (records: Records) =>
  findCandidates('d.test', { resolveSrv: resolver(records), random: lowest });

test('both ways of TLS are tried in order of priority (XEP-0368)', async () => {
  const found = await find({
    '_xmpp-client._tcp.d.test': [
      ['b.test', 5222, 10, 0],
      ['d.test', 5222, 30, 0],
    ],
    '_xmpps-client._tcp.d.test': [
      ['a.test', 443, 5, 0],
      ['c.test', 443, 20, 0],
    ],
  });
  expect(found).toEqual([
    { host: 'a.test', port: 443, tls: 'direct' },
    { host: 'b.test', port: 5222, tls: 'starttls' },
    { host: 'c.test', port: 443, tls: 'direct' },
    { host: 'd.test', port: 5222, tls: 'starttls' },
  ]);
});

test('within a priority the weights decide how often a target comes first (RFC 2782)', async () => {
  const records: Records = {
    '_xmpp-client._tcp.d.test': [
      ['light', 1, 0, 1],
      ['heavy', 2, 0, 3],
    ],
  };
  const firsts: string[] = [];
  for (let ticket = 0; ticket < 5; ticket += 1) {
    const random = (length: number): Uint8Array => {
      const bytes = new Uint8Array(length);
      bytes[length - 1] = ticket;
      return bytes;
    };
    const [first] = await findCandidates('d.test', {
      resolveSrv: resolver(records),
      random,
    });
    firsts.push(first?.host ?? '');
  }
  expect(firsts).toEqual(['light', 'light', 'heavy', 'heavy', 'heavy']);
});

test('without records the domain itself is tried on the standard port, and only with STARTTLS', async () => {
  expect(await find({})).toEqual([{ host: 'd.test', port: 5222, tls: 'starttls' }]);
});

test('a domain that refuses the service is believed', async () => {
  await expect(find({ '_xmpp-client._tcp.d.test': [['', 0, 0, 0]] })).rejects.toThrow(
    NoServiceError,
  );
  await expect(find({ '_xmpp-client._tcp.d.test': [['.', 0, 0, 0]] })).rejects.toThrow(
    NoServiceError,
  );
});

test('a refusal of one way leaves the other', async () => {
  const found = await find({
    '_xmpp-client._tcp.d.test': [['.', 0, 0, 0]],
    '_xmpps-client._tcp.d.test': [['a.test', 443, 0, 0]],
  });
  expect(found).toEqual([{ host: 'a.test', port: 443, tls: 'direct' }]);
});

test('more targets than a deployment has are not tried', async () => {
  const many = Array.from({ length: 100 }, (_, index) => [`h${String(index)}`, 1, 0, 0] as const);
  const found = await find({ '_xmpp-client._tcp.d.test': many.map((record) => [...record]) });
  expect(found).toHaveLength(16);
});
