// SPDX-License-Identifier: GPL-3.0-or-later

import { createInterface } from 'node:readline';
import type { Env } from '#otr/env.ts';
import { impersonate as toIdentity } from '#otr/forging/impersonate.ts';
import type { SessionEffect } from '#otr/session/effect.ts';
import type { SessionInput } from '#otr/session/input.ts';
import { createSession, step } from '#otr/session/session.ts';
import type { SessionState } from '#otr/session/state.ts';
import type { Command, Given } from './command.ts';
import { Complaint } from './complaint.ts';
import { note } from './files.ts';
import { envAt, readProfile } from './inputs.ts';
import { readPair } from './keys.ts';

/** A live conversation over standard input and output. */
export const impersonate: Command = {
  does: 'talks to a device as somebody else, with the forging key of that device',
  usage: `--as FILE --as-address NAME --to FILE --to-address NAME --key FILE [--start]

  --as FILE               Client Profile of whom the device is to take you for
  --as-address NAME       the address of that person
  --to FILE               Client Profile of the device
  --to-address NAME       the address of its owner
  --key FILE              the forging key of the device: 57 bytes, 114 hexadecimal digits, or the
                          deniability key that Sotto wrote
  --passphrase-file FILE  the passphrase of that deniability key
  --start                 send the first message; otherwise the device does

  Each line of standard input is an OTR message from the device, or a text to say to it. What is to
  be sent stands on standard output; what the device said, on standard error.`,
  options: {
    as: { type: 'string' },
    'as-address': { type: 'string' },
    to: { type: 'string' },
    'to-address': { type: 'string' },
    key: { type: 'string' },
    'passphrase-file': { type: 'string' },
    at: { type: 'string' },
    start: { type: 'boolean', default: false },
  },
  async run(given) {
    const env = envAt(given.maybe('at'));
    let state = open(given, env);
    const take = (input: SessionInput): void => {
      const { next, effects } = step(state, input, env);
      state = next;
      for (const effect of effects) perform(effect);
    };
    if (given.has('start')) take({ tag: 'start' });
    for await (const line of createInterface({ input: process.stdin })) {
      const body = line.trim();
      if (body.startsWith('?OTR')) take({ tag: 'receive', body });
      else if (body !== '') take({ tag: 'send', ref: body, text: body });
    }
  },
};

function open(given: Given, env: Env): SessionState {
  const as = readProfile(given.needed('as'), env);
  const to = readProfile(given.needed('to'), env);
  const key = readPair(given.needed('key'), given.maybe('passphrase-file'));
  try {
    return createSession({
      own: toIdentity(as, to, key),
      ourJid: given.needed('as-address'),
      theirJid: given.needed('to-address'),
      policy: { invitations: 'accept' },
    });
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new Complaint(
      'The key is not the forging key of that device.',
      'Only its forging key makes it believe that you are somebody else; its long-term key does not.',
    );
  }
}

function perform(effect: SessionEffect): void {
  switch (effect.tag) {
    case 'transmit':
      for (const body of effect.bodies) process.stdout.write(`${body}\n`);
      return;
    case 'retire':
      for (const secret of effect.secrets) secret.wipe();
      return;
    case 'message':
      note(`the device says: ${JSON.stringify(effect.text)}`);
      return;
    case 'established':
      note('the device takes you for the owner of the profile');
      return;
    case 'refused':
      note('not sent: there is no session yet');
      return;
    case 'ended':
      note('the session has ended');
      return;
    default:
  }
}
