// SPDX-License-Identifier: GPL-3.0-or-later

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';

const COMPONENT = 'jabber:component:accept';
const STREAMS = 'http://etherx.jabber.org/streams';

/** The XMPP server's end of a component's stream, which says what the test wants it to say. */
export class ComponentHost implements AsyncDisposable {
  readonly port: number;
  readonly #server: Server;
  readonly #secret: string;
  #socket: Socket | undefined;
  #heard = '';
  #changed = Promise.withResolvers<undefined>();
  /** Streams that were opened. */
  opened = 0;

  private constructor(server: Server, secret: string) {
    this.#server = server;
    this.#secret = secret;
    const address = server.address();
    if (address === null || typeof address === 'string') throw new TypeError('no TCP address');
    this.port = address.port;
    server.on('connection', (socket) => {
      this.#socket?.destroy();
      this.#socket = socket;
      this.#heard = '';
      this.opened += 1;
      socket.setEncoding('utf8').on('data', (text: string) => {
        this.#heard += text;
        this.#changed.resolve(undefined);
        this.#changed = Promise.withResolvers();
      });
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#changed.resolve(undefined);
        this.#changed = Promise.withResolvers();
      });
      this.#changed.resolve(undefined);
      this.#changed = Promise.withResolvers();
    });
  }

  static async start(secret: string): Promise<ComponentHost> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new ComponentHost(server, secret);
  }

  /** Everything that came on the present stream. */
  get heard(): string {
    return this.#heard;
  }

  get isOpen(): boolean {
    return this.#socket?.destroyed === false;
  }

  say(text: string | Uint8Array): void {
    this.#socket?.write(text);
  }

  /** Takes the next component in, if it knows the secret. */
  async welcome(id = 'id"&<1'): Promise<void> {
    await this.hear((text) => text.includes('<stream:stream'));
    this.say(this.header(id));
    const digest = createHash('sha1').update(id).update(this.#secret).digest('hex');
    await this.hear((text) => text.includes(`<handshake>${digest}</handshake>`));
    this.say('<handshake/>');
  }

  header(id: string): string {
    const quoted = id.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
    return (
      `<?xml version="1.0"?><stream:stream xmlns="${COMPONENT}" xmlns:stream="${STREAMS}" ` +
      `id="${quoted}" from="prekey.localhost">`
    );
  }

  /** Waits until what came is as wanted. */
  async hear(wanted: (text: string) => boolean): Promise<string> {
    while (!wanted(this.#heard)) await this.#changed.promise;
    return this.#heard;
  }

  async closed(): Promise<void> {
    while (this.isOpen) await this.#changed.promise;
  }

  cut(): void {
    this.#heard = '';
    this.#socket?.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
