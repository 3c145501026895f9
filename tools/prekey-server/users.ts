// SPDX-License-Identifier: GPL-3.0-or-later

import type { JXT } from 'stanza';
import { ComponentStream } from '#prekey-server/stream/component-stream.ts';
import { formatReply } from '#prekey-server/stream/outgoing.ts';
import { DEMO_COMPONENT } from './prekey-server.ts';

/** A domain whose users are all ours. */
export const USERS = 'users.localhost';

/** What Prosody has to be told behind everything else. */
export const usersComponent = `Component "${USERS}"\ncomponent_secret = "${DEMO_COMPONENT.secret}"\n`;

/** Everybody of one domain, on one stream. */
export class Users {
  readonly #stream: ComponentStream;
  readonly #waiting = new Map<string, (body: string) => void>();

  private constructor(stream: ComponentStream) {
    this.#stream = stream;
  }

  static async join(port: number): Promise<Users> {
    const ready = Promise.withResolvers<undefined>();
    const box: { users?: Users } = {};
    const secret = new TextEncoder().encode(DEMO_COMPONENT.secret);
    const stream = new ComponentStream(
      { host: '127.0.0.1', port, jid: USERS, secret },
      {
        ready: () => {
          ready.resolve(undefined);
        },
        element: (element) => box.users?.hear(element),
        heard: () => undefined,
        down: (reason) => {
          ready.reject(new Error(`the users are not let in: ${reason}`));
        },
      },
    );
    const users = new Users(stream);
    box.users = users;
    await ready.promise;
    return users;
  }

  /** One message, and what comes back to it. */
  ask(from: string, body: string): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<string>();
    this.#waiting.set(from, resolve);
    const address = { from, to: DEMO_COMPONENT.jid, id: '1', type: 'normal' } as const;
    if (!this.#stream.send(formatReply(address, body))) throw new Error('the stream is gone');
    return promise;
  }

  hear(element: JXT.XMLElement): void {
    const to = element.getAttribute('to') ?? '';
    const waiting = this.#waiting.get(to);
    this.#waiting.delete(to);
    waiting?.(element.getChild('body')?.getText() ?? 'error');
  }

  leave(): void {
    this.#stream.end();
  }
}
