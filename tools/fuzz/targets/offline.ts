// SPDX-License-Identifier: GPL-3.0-or-later

import { concat, encodeData, formatHex, parseHex } from '#otr/bytes.ts';
import { readClientProfile } from '#otr/codec/client-profile.ts';
import {
  decodeNonInteractiveAuth,
  encodeNonInteractiveAuth,
} from '#otr/codec/non-interactive-auth.ts';
import { readPrekeyMessage } from '#otr/codec/prekey-message.ts';
import { readPrekeyProfile } from '#otr/codec/prekey-profile.ts';
import { Reader } from '#otr/codec/reader.ts';
import { encodeMpi } from '#otr/codec/writer.ts';
import { verifyDsa } from '#otr/crypto/dsa.ts';
import { validateOffer } from '#otr/dake/validate.ts';
import { validateEnsemble } from '#otr/profile/ensemble.ts';
import { knownAcceptance, knownPrekeys } from '../../../test/support/known-offline.ts';
import { seededEnv } from '../../../test/support/seeded-env.ts';
import { secretsIn } from '../../../test/support/two-parties.ts';
import known from '../../../test/vectors/dsa/transitional.json' with { type: 'json' };
import { hostileValues } from '../hostile-values.ts';
import { offlineMessages, OFFLINE_NOW_MS } from '../offline.ts';
import { reduced } from '../scalars.ts';
import { asBytes, expectThat, refusal, type TargetPlan } from '../target.ts';

/** The three parts one after the other. */
function ensembleTarget(): TargetPlan {
  return {
    name: 'ensemble-validation',
    tries: ['validateEnsemble', 'validatePrekeyProfile', 'validatePrekeyMessage'],
    boundMs: 250,
    batch: 50,
    make: () => {
      const { clientProfile, prekeyProfile, prekeyMessage } = offlineMessages();
      const signed = [clientProfile, prekeyProfile].map((raw) => formatHex(raw));
      return {
        seeds: [concat(clientProfile, prekeyProfile, prekeyMessage)],
        dictionary: hostileValues(),
        attempt: (input) => {
          try {
            const read = new Reader(asBytes(input));
            const ensemble = {
              clientProfile: readClientProfile(read),
              prekeyProfile: readPrekeyProfile(read),
              prekeyMessage: readPrekeyMessage(read),
            };
            read.end('ensemble');
            const valid = validateEnsemble(ensemble, OFFLINE_NOW_MS);
            const isGenuine = signed.includes(formatHex(valid.prekeyProfile.raw));
            expectThat(isGenuine, 'forgery', 'a prekey profile that nobody signed');
            return 'valid';
          } catch (cause) {
            return refusal(cause);
          }
        },
      };
    },
  };
}

/** A scalar of q and above is another spelling of the same proof. */
function withReducedSigma(bytes: Uint8Array): Uint8Array {
  const message = decodeNonInteractiveAuth(bytes);
  return encodeNonInteractiveAuth({ ...message, sigma: reduced(message.sigma) });
}

/** A Non-Interactive-Auth message at the one whose prekey it names. */
function acceptTarget(): TargetPlan {
  return {
    name: 'non-interactive',
    tries: ['acceptOffline'],
    boundMs: 600,
    batch: 20,
    make: () => {
      const { auth } = offlineMessages();
      const prekeys = knownPrekeys();
      return {
        seeds: [auth],
        dictionary: [...hostileValues(), encodeData(new Uint8Array(0))],
        attempt: (input) => {
          const bytes = asBytes(input);
          try {
            const message = decodeNonInteractiveAuth(bytes);
            validateOffer(message, seededEnv('dated', OFFLINE_NOW_MS));
            // Nothing authenticates the id: it only names the pair, which would be another one.
            if (message.prekeyId !== prekeys.pair.id) return 'another prekey';
            const established = knownAcceptance(bytes, prekeys);
            const isGenuine = formatHex(withReducedSigma(bytes)) === formatHex(auth);
            expectThat((established !== undefined) === isGenuine, 'forgery', 'a session offline');
            return established === undefined ? 'proves nothing' : 'established';
          } catch (cause) {
            return refusal(cause);
          }
        },
        audit: () => {
          const isWhole = [...secretsIn(prekeys)].every(({ wiped }) => !wiped);
          expectThat(isWhole, 'state-change', 'a prekey was wiped');
        },
      };
    },
  };
}

/** p, q, g, y as MPIs, 40 bytes, and what was signed: a key and a signature of version 3. */
function dsaTarget(): TargetPlan {
  return {
    name: 'dsa',
    tries: ['verifyDsa'],
    boundMs: 250,
    batch: 100,
    make: () => {
      const signature = parseHex(known['message.signature']);
      const message = parseHex(known.message);
      const numbers = [known.p, known.q, known.g, known.y].map((hex) => BigInt(`0x${hex}`));
      const key = concat(...numbers.map(encodeMpi));
      return {
        seeds: [concat(key, signature, message)],
        dictionary: hostileValues(),
        attempt: (input) => {
          try {
            const read = new Reader(asBytes(input));
            const [p1, q1, g1, y1] = ['p', 'q', 'g', 'y'].map((name) => read.mpi(4096, name));
            const signed = read.fixed(40, 'signature');
            const rest = read.fixed(read.remaining, 'message');
            return verifyDsa({ p: p1 ?? 0n, q: q1 ?? 0n, g: g1 ?? 0n, y: y1 ?? 0n }, rest, signed)
              ? 'holds'
              : 'does not hold';
          } catch (cause) {
            return refusal(cause);
          }
        },
      };
    },
  };
}

export const OFFLINE_TARGETS: readonly TargetPlan[] = [
  ensembleTarget(),
  acceptTarget(),
  dsaTarget(),
];
