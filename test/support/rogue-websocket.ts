// SPDX-License-Identifier: GPL-3.0-or-later

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { KeyPair } from './certificates.ts';
import { ClientLeft, type ScriptPeer } from './rogue-server.ts';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const FRAMING = "xmlns='urn:ietf:params:xml:ns:xmpp-framing'";
const STREAMS = "xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'";

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9 } as const;

export interface Handshake {
  /** Undefined: none is named. */
  readonly subprotocol?: string | undefined;
  /** A line in place of the leave to go on. */
  readonly refuse?: string;
  readonly extraHeader?: string;
}

/** RFC 6455, section 5.2, from the server: not masked. */
export function formatFrame(opcode: number, payload: Uint8Array | string, final = true): Buffer {
  const bytes = Buffer.from(payload);
  const head = Buffer.alloc(10);
  head[0] = (final ? 0x80 : 0) | opcode;
  if (bytes.length < 126) {
    head[1] = bytes.length;
    return Buffer.concat([head.subarray(0, 2), bytes]);
  }
  head[1] = 127;
  head.writeBigUInt64BE(BigInt(bytes.length), 2);
  return Buffer.concat([head, bytes]);
}

const toTextFrame = (xml: string): Buffer =>
  formatFrame(
    opcodes.text,
    xml.replace(/^<(iq|message|presence)(?=[ />])/, "<$1 xmlns='jabber:client'"),
  );

interface ClientFrame {
  readonly opcode: number;
  readonly payload: Buffer;
  readonly length: number;
}

/** One frame of the client's, which are always masked; undefined while it is not complete. */
function readFrame(bytes: Buffer): ClientFrame | undefined {
  if (bytes.length < 6) return undefined;
  const short = (bytes[1] ?? 0) & 0x7f;
  const extended = short === 126 ? 2 : short === 127 ? 8 : 0;
  const begin = 2 + extended + 4;
  if (bytes.length < begin) return undefined;
  const size =
    short === 126
      ? bytes.readUInt16BE(2)
      : short === 127
        ? Number(bytes.readBigUInt64BE(2))
        : short;
  if (bytes.length < begin + size) return undefined;
  const mask = bytes.subarray(begin - 4, begin);
  const payload = bytes
    .subarray(begin, begin + size)
    .map((byte, index) => byte ^ (mask[index % 4] ?? 0));
  return { opcode: (bytes[0] ?? 0) & 0x0f, payload: Buffer.from(payload), length: begin + size };
}

/** One WebSocket, from the side of a server that does what it likes. */
export class RogueWebSocketPeer implements ScriptPeer {
  readonly isSecure = true;
  readonly #socket: TLSSocket;
  readonly #handshake: Handshake;
  #bytes = Buffer.alloc(0);
  #request = '';
  #text = '';
  #read = 0;
  #wake: () => void = () => undefined;

  constructor(socket: TLSSocket, handshake: Handshake) {
    this.#socket = socket;
    this.#handshake = handshake;
    socket.on('data', (bytes: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, bytes]);
      this.#take();
      this.#wake();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#wake();
    });
  }

  /** The frames of the client, one behind the other. */
  get heard(): string {
    return this.#text;
  }

  /** The handshake of the client. */
  get request(): string {
    return this.#request;
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

  /** One frame. Stanzas get the namespace that a stream over TCP declares once for all. */
  send(xml: string): void {
    this.sendRaw(toTextFrame(xml));
  }

  sendRaw(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  async offer(features: string): Promise<void> {
    await this.expect(/<open [^>]*>/);
    this.send(`<open ${FRAMING} from='localhost' id='s1' version='1.0'/>`);
    this.announce(features);
  }

  announce(features: string, before?: string): void {
    const frame = toTextFrame(`<stream:features ${STREAMS}>${features}</stream:features>`);
    this.sendRaw(Buffer.concat([...(before === undefined ? [] : [toTextFrame(before)]), frame]));
  }

  secure(): Promise<void> {
    return Promise.resolve();
  }

  exportBinding(): Buffer {
    return this.#socket.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0));
  }

  end(): void {
    this.#socket.destroy();
  }

  #take(): void {
    if (this.#request === '') this.#shakeHands();
    if (this.#request === '') return;
    for (let frame = readFrame(this.#bytes); frame; frame = readFrame(this.#bytes)) {
      this.#bytes = this.#bytes.subarray(frame.length);
      if (frame.opcode === opcodes.text) this.#text += frame.payload.toString('utf8');
      // Even a rogue lets its guests go, or each of them would wait for a farewell.
      if (frame.payload.toString().startsWith(`<close ${FRAMING}`)) this.end();
    }
  }

  #shakeHands(): void {
    const end = this.#bytes.indexOf('\r\n\r\n');
    if (end === -1) return;
    this.#request = this.#bytes.subarray(0, end).toString('latin1');
    this.#bytes = this.#bytes.subarray(end + 4);
    const { refuse, extraHeader } = this.#handshake;
    if (refuse !== undefined) {
      this.#socket.end(`HTTP/1.1 ${refuse}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
      return;
    }
    const subprotocol =
      'subprotocol' in this.#handshake ? this.#handshake.subprotocol : ('xmpp' as const);
    const [, key = ''] = /sec-websocket-key: (\S+)/i.exec(this.#request) ?? [];
    const accept = createHash('sha1')
      .update(key + GUID)
      .digest('base64');
    this.#socket.write(
      [
        'HTTP/1.1 101 Switching Protocols',
        'Upgrade: websocket',
        'Connection: Upgrade',
        `Sec-WebSocket-Accept: ${accept}`,
        ...(subprotocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${subprotocol}`]),
        ...(extraHeader === undefined ? [] : [extraHeader]),
        '\r\n',
      ].join('\r\n'),
    );
  }
}

export type WebSocketScript = (peer: RogueWebSocketPeer) => Promise<void>;

/** A hostile server behind `wss:` on loopback. It plays one script to each client that comes. */
export class RogueWebSocketServer implements AsyncDisposable {
  readonly host = 'localhost';
  readonly port: number;
  readonly peers: RogueWebSocketPeer[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<TLSSocket>();

  private constructor(server: Server) {
    this.#server = server;
    const address = server.address();
    if (address === null || typeof address === 'string') throw new TypeError('no TCP address');
    this.port = address.port;
  }

  static async start(
    keys: KeyPair,
    script: WebSocketScript,
    handshake: Handshake = {},
  ): Promise<RogueWebSocketServer> {
    const server = createServer({ cert: keys.certificate, key: keys.key });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const rogue = new RogueWebSocketServer(server);
    server.on('secureConnection', (socket) => {
      rogue.#sockets.add(socket);
      const peer = new RogueWebSocketPeer(socket, handshake);
      rogue.peers.push(peer);
      script(peer).catch((error: unknown) => {
        if (!(error instanceof ClientLeft)) throw error;
      });
    });
    server.on('tlsClientError', () => undefined);
    return rogue;
  }

  get url(): string {
    return `wss://localhost:${String(this.port)}/xmpp`;
  }

  /** What all clients together have said, behind the handshake. */
  get heard(): string {
    return this.peers.map(({ heard }) => heard).join('');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
