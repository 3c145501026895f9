// SPDX-License-Identifier: GPL-3.0-or-later

import { createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import type { RogueScript, ScriptPeer } from './rogue-server.ts';

const SASL = 'urn:ietf:params:xml:ns:xmpp-sasl';
const TLS = 'urn:ietf:params:xml:ns:xmpp-tls';

export const formatMechanisms = (names: readonly string[]): string =>
  `<mechanisms xmlns='${SASL}'>` +
  names.map((name) => `<mechanism>${name}</mechanism>`).join('') +
  '</mechanisms>';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const unbase64 = (text: string): string => Buffer.from(text, 'base64').toString();

/** Opens the stream that the client asks for and offers these features. */
export async function offer(peer: ScriptPeer, features: string): Promise<void> {
  await peer.offer(features);
}

/**
 * The way to an encrypted stream that an honest server goes, unless it is encrypted from the start. `behind`
 * is sent with `<proceed/>`.
 */
export async function startTls(peer: ScriptPeer, behind = ''): Promise<void> {
  if (peer.isSecure) return;
  await offer(peer, `<starttls xmlns='${TLS}'><required/></starttls>`);
  await peer.expect(/<starttls [^>]*\/>/);
  peer.send(`<proceed xmlns='${TLS}'/>${behind}`);
  await peer.secure();
}

export interface ScramFlaws {
  readonly password?: string;
  readonly iterations?: number;
  readonly mechanisms?: readonly string[];
  /** Changes the server's first message, such as its nonce. */
  readonly spoilFirst?: (serverFirst: string) => string;
  /** Changes what comes with success. */
  readonly spoilFinal?: (serverFinal: string) => string;
  /** Says success without a challenge. */
  readonly skipChallenge?: boolean;
}

const HASH = 'sha256';
const mac = (key: Uint8Array, text: string): Buffer => createHmac(HASH, key).update(text).digest();

/** A SCRAM-SHA-256 login from the server's side (RFC 5802), honest but for the flaws asked for. */
export async function login(peer: ScriptPeer, flaws: ScramFlaws = {}): Promise<void> {
  const { password = 'correct horse', iterations = 4096 } = flaws;
  await offer(peer, formatMechanisms(flaws.mechanisms ?? ['SCRAM-SHA-256']));
  const [, first = ''] = await peer.expect(/<auth [^>]*>([^<]*)<\/auth>/);
  if (flaws.skipChallenge === true) {
    peer.send(`<success xmlns='${SASL}'/>`);
    return;
  }
  const clientFirstBare = unbase64(first).replace(/^n,,/, '');
  const nonce = (/r=(.*)$/.exec(clientFirstBare)?.[1] ?? '') + randomBytes(9).toString('base64');
  const salt = randomBytes(16);
  const honest = `r=${nonce},s=${salt.toString('base64')},i=${String(iterations)}`;
  const serverFirst = flaws.spoilFirst?.(honest) ?? honest;
  peer.send(`<challenge xmlns='${SASL}'>${base64(serverFirst)}</challenge>`);

  const [, final = ''] = await peer.expect(/<response [^>]*>([^<]*)<\/response>/);
  const withoutProof = unbase64(final).replace(/,p=.*$/, '');
  const salted = pbkdf2Sync(password, salt, iterations, 32, HASH);
  const authMessage = `${clientFirstBare},${serverFirst},${withoutProof}`;
  const signature = mac(mac(salted, 'Server Key'), authMessage).toString('base64');
  const serverFinal = flaws.spoilFinal?.(`v=${signature}`) ?? `v=${signature}`;
  const content = serverFinal === '' ? '' : base64(serverFinal);
  peer.send(`<success xmlns='${SASL}'>${content}</success>`);
}

/** Answers one request with the given payload. */
async function answer(peer: ScriptPeer, pattern: RegExp, payload: string): Promise<void> {
  const [request] = await peer.expect(pattern);
  const id = /id=["']([^"']*)["']/.exec(request)?.[1] ?? '';
  peer.send(`<iq type='result' id='${id}'>${payload}</iq>`);
}

export interface SessionOptions {
  readonly address?: string;
  /** Roster items, as XML. */
  readonly roster?: string;
  /** Offer stream management (XEP-0198), without resumption. */
  readonly management?: boolean;
}

export const DEVICE = 'alice@localhost/desk';

/** Takes a client from the first byte to a usable session, as an honest server without XEP-0198 does. */
export async function openSession(peer: ScriptPeer, options: SessionOptions = {}): Promise<void> {
  const { address = DEVICE, roster = '', management = false } = options;
  await startTls(peer);
  await login(peer);
  const bind = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>";
  await offer(peer, management ? `${bind}<sm xmlns='urn:xmpp:sm:3'/>` : bind);
  await answer(
    peer,
    /<iq [^>]*><bind .*?<\/iq>/,
    `<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>${address}</jid></bind>`,
  );
  // Carbons and roster are asked for at once.
  const [both] = await peer.expect(/<iq .*<\/iq>.*<iq .*<\/iq>/s);
  for (const request of both.match(/<iq .*?<\/iq>/gs) ?? []) {
    const id = /id=["']([^"']*)["']/.exec(request)?.[1] ?? '';
    const payload = request.includes('jabber:iq:roster')
      ? `<query xmlns='jabber:iq:roster'>${roster}</query>`
      : '';
    peer.send(`<iq type='result' id='${id}'>${payload}</iq>`);
  }
  if (management) {
    await peer.expect(/<enable [^>]*\/>/);
    peer.send("<enabled xmlns='urn:xmpp:sm:3'/>");
  }
  await peer.expect(/<presence.*?(?:\/>|<\/presence>)/s);
}

/** A session, then whatever the test wants the client to receive. */
export const afterLogin =
  (xml: string, options?: SessionOptions): RogueScript =>
  async (peer) => {
    await openSession(peer, options);
    peer.send(xml);
  };
