// SPDX-License-Identifier: GPL-3.0-or-later

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Prosody } from '../../../tools/prosody/prosody.ts';
import type { PeerAccount } from './stage.ts';
import { Terminal } from './terminal.ts';

const PREFERENCES = `[ui]
splash=false
[connection]
carbons=true
receipts.request=true
receipts.send=true
[chatstates]
enabled=true
outtype=true
[otr]
policy=manual
`;

const formatAccount = ({ name, password }: PeerAccount, prosody: Prosody): string => `[${name}]
enabled=true
jid=${name}@${prosody.domain}
resource=profanity
server=${prosody.host}
port=${String(prosody.port)}
password=${password}
tls.policy=trust
presence.login=online
presence.last=online
`;

/** Profanity, a client with OTR version 3, signed in to a server. */
export class Profanity implements Disposable {
  readonly #terminal: Terminal;

  private constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  static async start(prosody: Prosody, account: PeerAccount): Promise<Profanity> {
    const config = join(account.folder, 'config');
    const data = join(account.folder, 'data');
    for (const folder of [config, data]) {
      mkdirSync(join(folder, 'profanity'), { recursive: true, mode: 0o700 });
    }
    writeFileSync(join(config, 'profanity/profrc'), PREFERENCES);
    writeFileSync(join(data, 'profanity/accounts'), formatAccount(account, prosody));
    const env = {
      HOME: account.folder,
      XDG_CONFIG_HOME: config,
      XDG_DATA_HOME: data,
      TERM: 'xterm-256color',
      LC_ALL: 'C.UTF-8',
    };
    const command = `profanity --account ${account.name}`;
    const terminal = new Terminal({ folder: account.folder, command, env });
    const profanity = new Profanity(terminal);
    await profanity.shows(`${account.name}@${prosody.domain}/profanity logged in successfully`);
    return profanity;
  }

  /** A command, or a line to whoever the window is about. */
  enter(line: string): void {
    this.#terminal.enter(line);
  }

  /** Opens the window of a contact and writes. */
  tell(jid: string, text: string): void {
    this.enter(`/msg ${jid} ${text}`);
  }

  screen(): string {
    return this.#terminal.screen();
  }

  shows(text: string | RegExp): Promise<void> {
    return this.#terminal.shows(text);
  }

  [Symbol.dispose](): void {
    this.#terminal[Symbol.dispose]();
  }
}
