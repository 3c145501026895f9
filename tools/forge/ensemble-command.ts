// SPDX-License-Identifier: GPL-3.0-or-later

import type { Secret } from '#otr/crypto/secret.ts';
import { type FalseEnsemble, falsePrekeyEnsemble } from '#otr/forging/ensemble.ts';
import { prekeySecrets } from '#otr/profile/prekey-message.ts';
import type { Command } from './command.ts';
import { Complaint } from './complaint.ts';
import { formatEnsemble } from './exhibits.ts';
import { writeSecret } from './files.ts';
import { envAt, readProfile } from './inputs.ts';
import { readPair } from './keys.ts';

export const ensemble: Command = {
  does: 'makes a Prekey Ensemble that leads to you instead of the device it names',
  usage: `--profile FILE --key FILE [--secrets FILE]

  --profile FILE          Client Profile of the device, as it was published
  --key FILE              the long-term key of its owner: 57 bytes or 114 hexadecimal digits
  --secrets FILE          a new file, which only you can read, for what answers whoever writes: the
                          secrets of the prekey message and of the shared prekey
  --at DATE               when it is to have been made (default: now)

  A prekey server that was asked to hands it out in the place of a genuine one.`,
  options: {
    profile: { type: 'string' },
    key: { type: 'string' },
    secrets: { type: 'string' },
    at: { type: 'string' },
  },
  run(given) {
    const env = envAt(given.maybe('at'));
    const profile = readProfile(given.needed('profile'), env);
    const key = readPair(given.needed('key'), undefined);
    if (Buffer.compare(key.public, profile.publicKey) !== 0) {
      throw new Complaint(
        'The key is not the long-term key of that profile.',
        'A Prekey Profile is signed with it, and a device believes no other.',
      );
    }
    const made = falsePrekeyEnsemble(profile, key, env);
    const file = given.maybe('secrets');
    if (file !== undefined) writeSecret(file, formatSecrets(made));
    forget(made);
    key.seed.wipe();
    process.stdout.write(`${formatEnsemble(made.ensemble)}\n`);
  },
};

const toHex = (secret: Secret): string =>
  secret.lend((bytes) => Buffer.from(bytes).toString('hex'));

function formatSecrets({ prekeys: { pair, published } }: FalseEnsemble): string {
  const lines = [
    ['prekey message identifier', pair.id.toString(16).padStart(8, '0')],
    ['y', toHex(pair.ecdh.secret)],
    ['b', toHex(pair.dh.secret)],
    ...published.map(({ sharedPrekey }) => ['shared prekey', toHex(sharedPrekey.seed)]),
  ];
  return lines.map(([name = '', value = '']) => `${name}: ${value}\n`).join('');
}

export function forget({ prekeys: { pair, published } }: FalseEnsemble): void {
  for (const secret of prekeySecrets(pair)) secret.wipe();
  for (const { sharedPrekey } of published) sharedPrekey.seed.wipe();
}
