// SPDX-License-Identifier: GPL-3.0-or-later

import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, type SecureVersion, TLSSocket } from 'node:tls';
import type { KeyPair } from './certificates.ts';

const FAREWELL = '</stream:stream>';

const OPEN =
  "<?xml version='1.0'?><stream:stream from='localhost' id='s1' version='1.0'" +
  " xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";

/** The client went away while the script was waiting for it. */
export class ClientLeft extends Error {}

/** What a script needs of a connection, whichever way the client came. */
export interface ScriptPeer {
  readonly isSecure: boolean;
  /** Everything the client said, in clear and inside TLS. */
  readonly heard: string;
  /** Waits until the client has said something like this, and goes on reading behind it. */
  readonly expect: (pattern: RegExp) => Promise<RegExpExecArray>;
  readonly send: (xml: string) => void;
  /** Opens the stream that the client asks for and offers these features. */
  readonly offer: (features: string) => Promise<void>;
  /** Features on a stream that goes on, in one breath with what comes before them. */
  readonly announce: (features: string, before?: string) => void;
  /** Turns the connection into TLS, as the server. */
  readonly secure: (maxVersion?: SecureVersion) => Promise<void>;
  /** `tls-exporter`, as this end of the connection sees it. */
  readonly exportBinding: () => Buffer;
  readonly end: () => void;
}

/** One connection, from the side of a server that does what it likes. */
export class RoguePeer implements ScriptPeer {
  /** Said to a guest who has said goodbye, before the stream ends. */
  lastWords = '';
  #socket: Socket;
  #text = '';
  #read = 0;
  #wake: () => void = () => undefined;
  readonly #keys: KeyPair;

  constructor(socket: Socket, keys: KeyPair) {
    this.#keys = keys;
    this.#socket = socket;
    this.#attach(socket);
  }

  get isSecure(): boolean {
    return this.#socket instanceof TLSSocket;
  }

  get heard(): string {
    return this.#text;
  }

  async expect(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.#text.slice(this.#read));
      if (found !== null) {
        this.#read += found.index + found[0].length;
        return found;
      }
      if (this.#socket.destroyed) throw new ClientLeft();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  send(xml: string): void {
    this.#socket.write(xml);
  }

  sendBytes(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  async offer(features: string): Promise<void> {
    await this.expect(/<stream:stream [^>]*>/);
    this.send(`${OPEN}<stream:features>${features}</stream:features>`);
  }

  announce(features: string, before = ''): void {
    this.send(`${before}<stream:features>${features}</stream:features>`);
  }

  exportBinding(): Buffer {
    if (!(this.#socket instanceof TLSSocket)) throw new TypeError('no TLS yet');
    return this.#socket.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0));
  }

  async secure(maxVersion: SecureVersion = 'TLSv1.3'): Promise<void> {
    const raw = this.#socket;
    raw.removeAllListeners();
    const { certificate: cert, key } = this.#keys;
    const secureContext = createSecureContext({ cert, key, maxVersion });
    const secure = new TLSSocket(raw, { isServer: true, secureContext });
    this.#socket = secure;
    this.#attach(secure);
    raw.on('error', () => undefined);
    await Promise.race([once(secure, 'secure'), once(raw, 'close')]);
  }

  end(): void {
    this.#socket.destroy();
  }

  #attach(socket: Socket): void {
    socket.on('data', (bytes: Buffer) => {
      this.#text += bytes.toString('utf8');
      // Even a rogue lets its guests go, or each of them would wait for a farewell.
      if (this.#text.endsWith(FAREWELL)) socket.end(this.lastWords + FAREWELL);
      this.#wake();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#wake();
    });
  }
}

export type RogueScript = (peer: RoguePeer) => Promise<void>;

/** A hostile XMPP server on loopback. It plays one script to each client that comes. */
export class RogueServer implements AsyncDisposable {
  readonly host = '127.0.0.1';
  readonly port: number;
  readonly peers: RoguePeer[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
    const address = server.address();
    if (address === null || typeof address === 'string') throw new TypeError('no TCP address');
    this.port = address.port;
  }

  static async start(keys: KeyPair, script: RogueScript): Promise<RogueServer> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const rogue = new RogueServer(server);
    server.on('connection', (socket) => {
      rogue.#sockets.add(socket);
      const peer = new RoguePeer(socket, keys);
      rogue.peers.push(peer);
      script(peer).catch((error: unknown) => {
        if (!(error instanceof ClientLeft)) throw error;
      });
    });
    return rogue;
  }

  /** What all clients together have said. */
  get heard(): string {
    return this.peers.map(({ heard }) => heard).join('');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
