// SPDX-License-Identifier: GPL-3.0-or-later

import type { JXT } from 'stanza';
import type { BareJid } from '#shared/model/jid.ts';
import { domainOf } from '#shared/model/jid.ts';
import { parseSender } from './addresses.ts';
import type { Asker } from './answer-budget.ts';

/** How far a stream has come. Nothing but the login is listened to before it has succeeded. */
export type Stage = 'login' | 'registration' | 'session' | 'goodbye';

export interface GateContext {
  readonly stage: Stage;
  readonly own: BareJid;
  /** May this account see our presence (subscription `from` or `both`)? */
  readonly maySeeUs: (jid: BareJid) => boolean;
  /** One question more is to be answered. False: too many have been. */
  readonly spendAnswer: (asker: Asker) => boolean;
  /** Stanzas we sent that the server has not acknowledged, and the last count it gave. */
  readonly unacknowledged: number;
  readonly lastAcknowledged: number;
}

/**
 * `pass` as it is or changed; `drop` without a trace; `break` the line, since the server does what no
 * honest server does.
 */
export type Verdict =
  /** `thenWait`: what this one means has to be known before anything behind it is judged. */
  | { readonly tag: 'pass'; readonly stanza: JXT.JSONData; readonly thenWait?: boolean }
  | { readonly tag: 'drop' }
  | { readonly tag: 'break' };

const DROP: Verdict = { tag: 'drop' };
const BREAK: Verdict = { tag: 'break' };

const COUNTER_SIZE = 2 ** 32;
const PRESENCE_TYPES: ReadonlySet<unknown> = new Set([
  undefined,
  'available',
  'unavailable',
  'subscribe',
  'subscribed',
  'unsubscribe',
  'unsubscribed',
]);
const LOGIN_FEATURES: ReadonlySet<string> = new Set(['sasl', 'authentication', 'channelBindings']);

const pass = (stanza: JXT.JSONData): Verdict => ({ tag: 'pass', stanza });

/** Before login a server may offer login and nothing else: not, say, to skip it. */
function judgeLogin(kind: string, stanza: JXT.JSONData): Verdict {
  if (kind === 'sasl') return pass(stanza);
  // After success the features of the session follow on the same stream (XEP-0388).
  if (kind === 'sasl2') return { tag: 'pass', stanza, thenWait: stanza.type === 'success' };
  if (kind !== 'features') return BREAK;
  if (stanza.sasl === undefined && stanza.authentication === undefined) return BREAK;
  const offered = Object.entries(stanza).filter(([name]) => LOGIN_FEATURES.has(name));
  return pass(Object.fromEntries(offered));
}

function judgeRegistration(kind: string, stanza: JXT.JSONData): Verdict {
  if (kind === 'features') return pass({});
  const answer = stanza.type === 'result' || stanza.type === 'error';
  return kind === 'iq' && answer ? pass(stanza) : DROP;
}

/** Only the own account's server may change the roster, and it speaks for the account: bare or silent. */
const isOwnAccount = (from: unknown, own: BareJid): boolean =>
  from === undefined || from === '' || from === own;

/** The account and its server may ask as often as they like. */
const isOwnServer = (from: unknown, own: BareJid): boolean =>
  isOwnAccount(from, own) || from === domainOf(own);

function mayAsk(from: unknown, context: GateContext): boolean {
  if (isOwnServer(from, context.own)) return true;
  const sender = typeof from === 'string' ? parseSender(from) : undefined;
  if (sender === undefined) return false;
  return sender.bare === context.own || context.maySeeUs(sender.bare);
}

/** Answered with `service-unavailable`, exactly as the server does for a device that is not there. */
const asUnknown = (stanza: JXT.JSONData): Verdict =>
  pass({ ...stanza, payloadType: 'unknown-payload' });

/** May this very question be handed to those who answer it? */
function isAnswerable(stanza: JXT.JSONData, context: GateContext): boolean {
  const { type, from, payloadType } = stanza;
  if (payloadType === 'roster') return type === 'set' && isOwnAccount(from, context.own);
  const known = payloadType === 'ping' || payloadType === 'disco';
  return type === 'get' && known && mayAsk(from, context);
}

/** One of too many: counted, but neither looked at nor answered. */
const SILENCED: Verdict = pass({ type: 'error' });

function isFlood({ from }: JXT.JSONData, context: GateContext): boolean {
  if (isOwnServer(from, context.own)) return false;
  return !context.spendAnswer(mayAsk(from, context) ? 'known' : 'stranger');
}

function judgeIq(stanza: JXT.JSONData, context: GateContext): Verdict {
  const { type } = stanza;
  if (type === 'result' || type === 'error') return pass(stanza);
  if (type !== 'get' && type !== 'set') return SILENCED;
  if (isFlood(stanza, context)) return SILENCED;
  return isAnswerable(stanza, context) ? pass(stanza) : asUnknown(stanza);
}

/** stanza emits the type of a presence as an event name, so it must be one that we know. */
function judgePresence(stanza: JXT.JSONData): Verdict {
  if (PRESENCE_TYPES.has(stanza.type)) return pass(stanza);
  return pass({ type: 'error' });
}

/** A count that goes backwards or beyond what we sent would acknowledge what was never delivered. */
function judgeAcknowledgement(stanza: JXT.JSONData, context: GateContext): Verdict {
  const { type, handled } = stanza;
  // A failed resumption may tell how far the old session came (XEP-0198, section 5), or not.
  const counts = type === 'ack' || type === 'resumed';
  if (!counts && (type !== 'failed' || handled === undefined)) return pass(stanza);
  if (typeof handled !== 'number' || !Number.isInteger(handled)) return BREAK;
  const fresh = (handled - context.lastAcknowledged + COUNTER_SIZE) % COUNTER_SIZE;
  return fresh <= context.unacknowledged ? pass(stanza) : BREAK;
}

/**
 * Stands in front of every handler, stanza's own included. Stanzas that count for stream management are
 * never dropped but made harmless, or both sides would lose count.
 */
export function judge(kind: string, stanza: JXT.JSONData, context: GateContext): Verdict {
  if (context.stage === 'login') return judgeLogin(kind, stanza);
  if (context.stage === 'registration') return judgeRegistration(kind, stanza);
  switch (kind) {
    case 'message':
      return pass(stanza);
    case 'iq':
      return judgeIq(stanza, context);
    case 'presence':
      return judgePresence(stanza);
    case 'sm':
      // We have stopped counting. The line must not end before the server has read our goodbye: to others we
      // would be there for as long as it waits for a resumption.
      return context.stage === 'goodbye' ? DROP : judgeAcknowledgement(stanza, context);
    case 'features':
      return pass(stanza);
    default:
      return DROP;
  }
}
