// SPDX-License-Identifier: GPL-3.0-or-later

import { createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import type { SecureVersion } from 'node:tls';
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
export async function startTls(
  peer: ScriptPeer,
  behind = '',
  maxVersion?: SecureVersion,
): Promise<void> {
  if (peer.isSecure) return;
  await offer(peer, `<starttls xmlns='${TLS}'><required/></starttls>`);
  await peer.expect(/<starttls [^>]*\/>/);
  peer.send(`<proceed xmlns='${TLS}'/>${behind}`);
  await peer.secure(maxVersion);
}

/** XEP-0440. */
export const formatBindings = (types: readonly string[]): string =>
  "<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'>" +
  types.map((type) => `<channel-binding type='${type}'/>`).join('') +
  '</sasl-channel-binding>';

/** XEP-0388. */
export const formatAuthentication = (names: readonly string[]): string =>
  "<authentication xmlns='urn:xmpp:sasl:2'>" +
  names.map((name) => `<mechanism>${name}</mechanism>`).join('') +
  '</authentication>';

export interface ScramFlaws {
  readonly password?: string;
  readonly iterations?: number;
  readonly mechanisms?: readonly string[];
  /** Types of channel binding that are offered. */
  readonly bindings?: readonly string[];
  /** What the server takes for the channel binding, in place of its own end of the line. */
  readonly binding?: Uint8Array;
  /** Login by XEP-0388. */
  readonly sasl2?: boolean;
  /** Changes the server's first message, such as its nonce. */
  readonly spoilFirst?: (serverFirst: string) => string;
  /** Changes what comes with success. */
  readonly spoilFinal?: (serverFinal: string) => string;
  /** Says success without a challenge. */
  readonly skipChallenge?: boolean;
  /** SASL2: whom the server takes the client for; undefined leaves it out. */
  readonly identifier?: string | undefined;
  /** SASL2: sent in place of success, with what would come with it. */
  readonly continueWith?: string;
  /** SASL2: what follows success at once. */
  readonly features?: string;
}

const HASH = 'sha256';
const mac = (key: Uint8Array, text: string): Buffer => createHmac(HASH, key).update(text).digest();

/** How the two kinds of SASL carry what they carry. */
interface Carrier {
  readonly features: string;
  readonly first: RegExp;
  readonly namespace: string;
  readonly success: (final: string) => string;
}

function toCarrier(flaws: ScramFlaws): Carrier {
  const { mechanisms = ['SCRAM-SHA-256'], bindings } = flaws;
  const types = bindings === undefined ? '' : formatBindings(bindings);
  if (flaws.sasl2 !== true) {
    return {
      features: formatMechanisms(mechanisms) + types,
      first: /<auth [^>]*>([^<]*)<\/auth>/,
      namespace: SASL,
      success: (final) => `<success xmlns='${SASL}'>${final}</success>`,
    };
  }
  const namespace = 'urn:xmpp:sasl:2';
  const identifier = 'identifier' in flaws ? flaws.identifier : 'alice@localhost';
  const name =
    identifier === undefined
      ? ''
      : `<authorization-identifier>${identifier}</authorization-identifier>`;
  return {
    // The old way is offered beside it, for clients that know no other.
    features: formatMechanisms(mechanisms) + formatAuthentication(mechanisms) + types,
    first: /<authenticate [^>]*><initial-response[^>]*>([^<]*)<\/initial-response><\/authenticate>/,
    namespace,
    success: (final) => {
      const data = `<additional-data>${final}</additional-data>`;
      return flaws.continueWith === undefined
        ? `<success xmlns='${namespace}'>${data}${name}</success>`
        : `<continue xmlns='${namespace}'>${data}<tasks><task>${flaws.continueWith}</task></tasks></continue>`;
    },
  };
}

/** What the client has to have put into its proof: its header, and the line if it binds to that. */
function toBound(peer: ScriptPeer, header: string, { binding }: ScramFlaws): string {
  const data = header.startsWith('p=') ? (binding ?? peer.exportBinding()) : Buffer.alloc(0);
  return Buffer.concat([Buffer.from(header), data]).toString('base64');
}

/** A SCRAM-SHA-256 login from the server's side (RFC 5802), honest but for the flaws asked for. */
export async function login(peer: ScriptPeer, flaws: ScramFlaws = {}): Promise<void> {
  const { password = 'correct horse', iterations = 4096 } = flaws;
  const carrier = toCarrier(flaws);
  await offer(peer, carrier.features);
  const [, first = ''] = await peer.expect(carrier.first);
  if (flaws.skipChallenge === true) {
    peer.send(carrier.success(''));
    return;
  }
  const [, header = '', clientFirstBare = ''] = /^([^,]*,,)(.*)$/.exec(unbase64(first)) ?? [];
  const nonce = (/r=(.*)$/.exec(clientFirstBare)?.[1] ?? '') + randomBytes(9).toString('base64');
  const salt = randomBytes(16);
  const honest = `r=${nonce},s=${salt.toString('base64')},i=${String(iterations)}`;
  const serverFirst = flaws.spoilFirst?.(honest) ?? honest;
  peer.send(`<challenge xmlns='${carrier.namespace}'>${base64(serverFirst)}</challenge>`);

  const [, final = ''] = await peer.expect(/<response [^>]*>([^<]*)<\/response>/);
  const [, withoutProof = '', said = ''] = /^(c=([^,]*),.*),p=/.exec(unbase64(final)) ?? [];
  if (said !== toBound(peer, header, flaws)) {
    peer.send(`<failure xmlns='${carrier.namespace}'><not-authorized xmlns='${SASL}'/></failure>`);
    return;
  }
  const salted = pbkdf2Sync(password, salt, iterations, 32, HASH);
  const authMessage = `${clientFirstBare},${serverFirst},${withoutProof}`;
  const signature = mac(mac(salted, 'Server Key'), authMessage).toString('base64');
  const serverFinal = flaws.spoilFinal?.(`v=${signature}`) ?? `v=${signature}`;
  const success = carrier.success(serverFinal === '' ? '' : base64(serverFinal));
  const goesOn = flaws.sasl2 === true && flaws.continueWith === undefined;
  if (goesOn) peer.announce(flaws.features ?? '', success);
  else peer.send(success);
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
  /** More features of the session, as XML. */
  readonly features?: string;
  /** Sent before the true answer to one of the first requests. */
  readonly before?: (request: string) => string;
  /** What is odd about the login. */
  readonly login?: ScramFlaws;
}

export const DEVICE = 'alice@localhost/desk';

/** Takes a client from the first byte to a usable session, as an honest server without XEP-0198 does. */
export async function openSession(peer: ScriptPeer, options: SessionOptions = {}): Promise<void> {
  const { address = DEVICE, roster = '', management = false, features: more = '' } = options;
  await startTls(peer);
  const bind = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>";
  const features = (management ? `${bind}<sm xmlns='urn:xmpp:sm:3'/>` : bind) + more;
  await login(peer, { ...options.login, features });
  if (options.login?.sasl2 !== true) await offer(peer, features);
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
    peer.send(`${options.before?.(request) ?? ''}<iq type='result' id='${id}'>${payload}</iq>`);
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
