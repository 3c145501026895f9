// SPDX-License-Identifier: GPL-3.0-or-later

/** The part of otr.js 0.2 that is measured. It has no types of its own, and is CommonJS. */
declare module 'otr' {
  /** A DSA key; making one takes two seconds. */
  interface Key {
    readonly type: string;
  }
  export interface Session {
    /** Hands bodies to the network, after a timer; replaced here by one that does not wait. */
    io: (bodies: string | readonly string[]) => void;
    sendQueryMsg(): void;
    sendMsg(text: string): void;
    receiveMsg(body: string): void;
    on(event: 'ui', listener: (text: string, encrypted: boolean) => void): void;
    on(event: 'error', listener: (message: string) => void): void;
  }
  const otr: {
    readonly DSA: new () => Key;
    readonly OTR: new (options: { readonly priv: Key }) => Session;
  };
  export default otr;
}
