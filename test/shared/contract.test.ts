// SPDX-License-Identifier: GPL-3.0-or-later

import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { contract } from '#shared/ipc/contract.ts';

const requests = Object.entries(contract).flatMap(([name, channel]) =>
  channel.kind === 'request' ? [{ name, input: channel.input }] : [],
);

describe('sec:T-E-IPC-1 the contract', () => {
  it('names each channel noun.verb', () => {
    for (const name of Object.keys(contract)) expect(name).toMatch(/^[a-z]+\.[a-z]+(-[a-z]+)*$/);
  });

  it.each(requests)('$name refuses what is not its shape, and unknown keys', ({ input }) => {
    for (const junk of [undefined, null, 1, 'x', ['x'], () => 0]) {
      expect(v.safeParse(input, junk).success).toBe(false);
    }
    expect(v.safeParse(input, { surprise: 1 }).success).toBe(false);
    expect(v.safeParse(input, { __proto__: null, constructor: 1 }).success).toBe(false);
  });

  it.each(['vault.unlock', 'verification.answer'] as const)(
    '%s takes secrets as bytes only',
    (name) => {
      const { input } = contract[name];
      const secret = { passphrase: 'text', answer: 'text', id: 1 };
      const own = Object.fromEntries(
        Object.entries(secret).filter(([key]) => key in (input as { entries: object }).entries),
      );
      expect(v.safeParse(input, own).success).toBe(false);
    },
  );

  it('takes a text as long as a sentence and refuses one beyond its bound', () => {
    const { input } = contract['conversation.send'];
    const of = (length: number) => ({ id: 1, stateToken: 't', text: 'x'.repeat(length) });
    expect(v.safeParse(input, of(4_000_000)).success).toBe(true);
    expect(v.safeParse(input, of(4_000_001)).success).toBe(false);
  });
});
