// SPDX-License-Identifier: GPL-3.0-or-later

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { addContact, openChat } from '../../../tools/driver/contacts.ts';
import type { Prosody } from '../../../tools/prosody/prosody.ts';
import { House } from '../../e2e/support/house.ts';
import { BOB, Person, seesOnline } from '../../e2e/support/pair.ts';

export interface PeerAccount {
  readonly name: string;
  readonly password: string;
  /** Holds everything that the client writes; goes with the stage. */
  readonly folder: string;
}

const passwordOf = (name: string): string => `password of ${name}`;

/** A real server, Alice with Sotto, and room for clients that other people wrote. */
export class Stage implements AsyncDisposable {
  readonly prosody: Prosody;
  readonly alice: Person;
  readonly bobsJid: string;
  readonly #house: House;
  readonly #clients = new AsyncDisposableStack();

  private constructor(house: House, prosody: Prosody) {
    this.#house = house;
    this.prosody = prosody;
    this.alice = new Person('alice', house, prosody);
    this.bobsJid = `bob@${prosody.domain}`;
  }

  static async open(): Promise<Stage> {
    const house = new House();
    const prosody = await house.server();
    await prosody.addAccount('bob', passwordOf('bob'));
    return new Stage(house, prosody);
  }

  /** A client on an account; it is gone when the stage is. */
  async client<Client extends AsyncDisposable | Disposable>(
    name: string,
    start: (prosody: Prosody, account: PeerAccount) => Promise<Client>,
  ): Promise<Client> {
    const folder = join(this.#house.folder, `client-of-${name}`);
    mkdirSync(folder);
    const client = await start(this.prosody, { name, password: passwordOf(name), folder });
    return this.#clients.use(client);
  }

  /** Alice asks Bob to become a contact, and sees him as soon as his client has said yes. */
  async meet(sayYes: () => Promise<void>): Promise<void> {
    await this.alice.arrive();
    await addContact(this.alice.page, this.bobsJid, BOB);
    await sayYes();
    await openChat(this.alice.page, BOB);
    await seesOnline(this.alice.page);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#clients.disposeAsync();
    await this.#house[Symbol.asyncDispose]();
  }
}
