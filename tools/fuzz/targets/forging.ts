// SPDX-License-Identifier: GPL-3.0-or-later

import { concat } from '#otr/bytes.ts';
import { parseArmor } from '#otr/codec/armor.ts';
import { Secret } from '#otr/crypto/secret.ts';
import { findRevealedMacKey, readDataMessage } from '#otr/forging/data-message.ts';
import { parseMessage, parsePublished } from '#otr/forging/parse.ts';
import { hostileValues } from '../hostile-values.ts';
import { realMessages } from '../messages.ts';
import { offlineMessages } from '../offline.ts';
import { asBytes, asText, refusal, type Input, type TargetPlan } from '../target.ts';

function outcome(attempt: () => string): string {
  try {
    return attempt();
  } catch (cause) {
    return refusal(cause);
  }
}

/** A forger reads files that anybody may have written. */
function tryForging(input: Input): string {
  const body = asText(input);
  const chainKey = Secret.own<64>(new Uint8Array(64).fill(5), 64);
  return [
    () => parseMessage(body).kind,
    () => (findRevealedMacKey(parseArmor(body), parseArmor(body)) ? 'own key' : 'no key'),
    () => (readDataMessage(parseArmor(body), chainKey) ? 'read' : 'not read'),
  ]
    .map(outcome)
    .join(', ');
}

export const FORGING_TARGETS: readonly TargetPlan[] = [
  {
    name: 'forging',
    tries: ['parseMessage', 'findRevealedMacKey', 'readDataMessage'],
    // A thousand revealed keys, each tried on all of a long message: seconds, at the forger's own desk.
    boundMs: 10_000,
    batch: 50,
    make: () => {
      const { identities, authR, authI, data } = realMessages();
      return {
        seeds: [...identities, authR, authI, ...data],
        dictionary: hostileValues(),
        attempt: tryForging,
      };
    },
  },
  {
    name: 'forging: published parts',
    tries: ['parsePublished', 'decodeEnsemble'],
    boundMs: 250,
    batch: 50,
    make: () => {
      const { clientProfile, prekeyProfile, prekeyMessage } = offlineMessages();
      const ensemble = concat(clientProfile, prekeyProfile, prekeyMessage);
      return {
        seeds: [clientProfile, prekeyProfile, prekeyMessage, ensemble],
        dictionary: hostileValues(),
        attempt: (input) => outcome(() => parsePublished(asBytes(input)).kind),
      };
    },
  },
];
