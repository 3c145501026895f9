// SPDX-License-Identifier: GPL-3.0-or-later

import { randomBytes } from 'node:crypto';
import type { JXT } from 'stanza';
import {
  createForgingKeyAndForget,
  createInstanceTag,
  createLongTermKey,
  createPrekeyMessage,
  createPrekeyProfile,
  LIMITS,
  type ProfileOwner,
  type RawEnsemble,
} from '#otr';
import { formatPrekeyArmor, parsePrekeyArmor } from '#otr/prekey/armor.ts';
import { decodeEnsembleQuery } from '#otr/prekey/message/ensemble-query.ts';
import { encodeEnsembleRetrieval } from '#otr/prekey/message/ensemble-retrieval.ts';
import { peekPrekeyType, PREKEY_TYPE } from '#otr/prekey/message/header.ts';
import { signClientProfile } from '#otr/profile/client-profile.ts';
import { ComponentStream } from '#prekey-server/stream/component-stream.ts';
import { answerRequest } from '#prekey-server/stream/disco.ts';
import { type IncomingMessage, readStanza } from '#prekey-server/stream/incoming.ts';
import { formatReply } from '#prekey-server/stream/outgoing.ts';
import { realEnv } from '../../../tools/prekey-server/keyed-device.ts';
import { DEMO_COMPONENT } from '../../../tools/prekey-server/prekey-server.ts';

const { jid, secret } = DEMO_COMPONENT;

/** Somebody with a device of their own. */
export const stranger = (ownerTag = createInstanceTag(realEnv)): ProfileOwner => ({
  ownerTag,
  longTermKey: createLongTermKey(realEnv),
  forgingKey: createForgingKeyAndForget(realEnv),
});

/** Whole and well-formed; signed by the device itself, with a Client Profile of this end. */
export function ensembleOf(
  device: ProfileOwner,
  expiresAt = Date.now() + LIMITS.ownProfileLifetimeMs,
): RawEnsemble {
  const { ownerTag, longTermKey } = device;
  const owner = { ownerTag, longTermKey, mode: 'compatible' } as const;
  return {
    clientProfile: signClientProfile(device, expiresAt).raw,
    prekeyProfile: createPrekeyProfile(owner, realEnv).profile.raw,
    prekeyMessage: createPrekeyMessage(owner, realEnv).raw,
  };
}

/** A prekey server whose operator hands out what they like, whoever is asked about. */
export class RogueKeyServer implements Disposable {
  readonly #stream: ComponentStream;
  readonly #fingerprint = randomBytes(56).toString('hex');
  handsOut: RawEnsemble | undefined;
  /** Addresses that were asked about. */
  readonly asked: string[] = [];

  private constructor(port: number, ready: () => void, down: (why: Error) => void) {
    this.#stream = new ComponentStream(
      { host: '127.0.0.1', port, jid, secret: new TextEncoder().encode(secret) },
      {
        ready,
        element: (element) => {
          this.#hear(element);
        },
        heard: () => undefined,
        down: (reason) => {
          down(new Error(`the key server is not let in: ${reason}`));
        },
      },
    );
  }

  /** Takes the place of the prekey server. */
  static async join({ componentPort }: { readonly componentPort: number }) {
    const { promise, resolve, reject } = Promise.withResolvers<RogueKeyServer>();
    const server = new RogueKeyServer(
      componentPort,
      () => {
        resolve(server);
      },
      reject,
    );
    return promise;
  }

  #hear(element: JXT.XMLElement): void {
    const heard = readStanza(element, jid);
    if (heard?.tag === 'request') {
      this.#stream.send(answerRequest(heard, { jid, fingerprint: this.#fingerprint }));
    } else if (heard !== undefined) this.#answer(heard);
  }

  /** What is not a question for somebody's keys gets no answer. */
  #answer({ from, id, type, body }: IncomingMessage): void {
    const bytes = parsePrekeyArmor(body);
    if (peekPrekeyType(bytes) !== PREKEY_TYPE.ensembleQuery || this.handsOut === undefined) return;
    const { senderTag: receiverTag, identity } = decodeEnsembleQuery(bytes);
    this.asked.push(new TextDecoder().decode(identity));
    const ensembles = [this.handsOut];
    const answer = encodeEnsembleRetrieval({ receiverTag, identity, ensembles });
    this.#stream.send(formatReply({ from: jid, to: from, id, type }, formatPrekeyArmor(answer)));
  }

  [Symbol.dispose](): void {
    this.#stream.end();
  }
}
