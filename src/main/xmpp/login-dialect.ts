// SPDX-License-Identifier: GPL-3.0-or-later

import type { Agent, Stanzas } from 'stanza';
import type { BareJid } from '#shared/model/jid.ts';
import { parseSender } from './addresses.ts';
import type { Sasl2 } from './extension/sasl2.ts';
import type { LoginMechanism } from './sasl/login.ts';
import { toSaslFailure } from './transport/failure.ts';
import type { ConnectionFailure } from './wire.ts';

/** What the server said during a login, whichever way it says it. */
export type Heard =
  | { readonly tag: 'challenge'; readonly bytes: Uint8Array }
  | { readonly tag: 'success'; readonly bytes: Uint8Array }
  | { readonly tag: 'failed'; readonly reason: ConnectionFailure };

/** One way to carry a SASL exchange. `listen` returns what ends the listening. */
export interface LoginDialect {
  readonly begin: (mechanism: LoginMechanism, first: Uint8Array) => void;
  readonly respond: (value: Uint8Array) => void;
  readonly listen: (hear: (heard: Heard) => void) => () => void;
  /** For stanza: how the stream goes on after a login. */
  readonly afterwards: 'restart' | 'same-stream';
}

const EMPTY = new Uint8Array();
const NOT_XMPP: Heard = { tag: 'failed', reason: 'not-xmpp' };

function readSasl(sasl: Stanzas.SASL): Heard {
  switch (sasl.type) {
    case 'challenge':
    case 'success':
      return { tag: sasl.type, bytes: sasl.value ?? EMPTY };
    case 'failure':
      return { tag: 'failed', reason: toSaslFailure(sasl.condition) };
    default:
      return NOT_XMPP;
  }
}

/** RFC 6120, section 6: the stream begins anew after the login. */
export const plainDialect = (agent: Agent): LoginDialect => ({
  begin: (mechanism, first) => {
    void agent.send('sasl', { type: 'auth', mechanism, value: Buffer.from(first) });
  },
  respond: (value) => {
    void agent.send('sasl', { type: 'response', value: Buffer.from(value) });
  },
  listen: (hear) => {
    const onSasl = (sasl: Stanzas.SASL): void => {
      hear(readSasl(sasl));
    };
    agent.on('sasl', onSasl);
    return () => agent.off('sasl', onSasl);
  },
  afterwards: 'restart',
});

function readSasl2(sasl: Sasl2, own: BareJid): Heard {
  switch (sasl.type) {
    case 'challenge':
      return { tag: 'challenge', bytes: sasl.value ?? EMPTY };
    case 'success':
      // A login as somebody else is none.
      if (parseSender(sasl.authorizationIdentifier)?.bare !== own) return NOT_XMPP;
      return { tag: 'success', bytes: sasl.additionalData ?? EMPTY };
    case 'failure':
      return { tag: 'failed', reason: toSaslFailure(sasl.condition) };
    case 'continue':
      // More tasks, such as a second factor: we know none.
      return { tag: 'failed', reason: 'no-mechanism' };
    default:
      return NOT_XMPP;
  }
}

/** XEP-0388, without what may be asked for in the same breath (XEP-0386): the stream just goes on. */
export const sasl2Dialect = (agent: Agent, own: BareJid): LoginDialect => {
  const say = (said: Sasl2): void => {
    void agent.send('sasl2', said);
  };
  return {
    begin: (mechanism, first) => {
      say({ type: 'authenticate', mechanism, initialResponse: Buffer.from(first) });
    },
    respond: (value) => {
      say({ type: 'response', value: Buffer.from(value) });
    },
    listen: (hear) => {
      const onSasl = (sasl: Sasl2): void => {
        if (sasl.type === 'continue') say({ type: 'abort' });
        hear(readSasl2(sasl, own));
      };
      agent.on('sasl2', onSasl);
      return () => agent.off('sasl2', onSasl);
    },
    afterwards: 'same-stream',
  };
};
