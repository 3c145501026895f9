// SPDX-License-Identifier: GPL-3.0-or-later
import { AccountRepository } from './account-repository.ts';
import { ContactRepository } from './contact-repository.ts';
import { closeDatabase, type Db } from './database.ts';
import { DeviceChoiceRepository } from './device-choice-repository.ts';
import { DeviceListRepository } from './device-list-repository.ts';
import { IdentityRepository } from './identity-repository.ts';
import { MessageRepository } from './message-repository.ts';
import { PrekeyRepository } from './prekey-repository.ts';
import { PrekeyServerRepository } from './prekey-server-repository.ts';
import { SealedSessionRepository } from './sealed-session-repository.ts';
import { SettingsRepository } from './settings-repository.ts';
import { TrustRepository } from './trust-repository.ts';
import { transaction, type Tx } from './unit-of-work.ts';

/** The open database with its repositories. Made once, by `compose.ts`. */
export interface Store {
  readonly accounts: AccountRepository;
  readonly identities: IdentityRepository;
  readonly contacts: ContactRepository;
  readonly trust: TrustRepository;
  readonly devices: DeviceListRepository;
  readonly choices: DeviceChoiceRepository;
  readonly messages: MessageRepository;
  readonly prekeys: PrekeyRepository;
  readonly prekeyServers: PrekeyServerRepository;
  readonly sealedSessions: SealedSessionRepository;
  readonly settings: SettingsRepository;
  /** All of `work` or none of it; durable when this returns. */
  readonly transaction: <T>(work: (tx: Tx) => T) => T;
  /** Empties the write-ahead log, then closes. */
  readonly close: () => void;
}

export function createStore(db: Db): Store {
  return {
    accounts: new AccountRepository(db),
    identities: new IdentityRepository(db),
    contacts: new ContactRepository(db),
    trust: new TrustRepository(db),
    devices: new DeviceListRepository(db),
    choices: new DeviceChoiceRepository(db),
    messages: new MessageRepository(db),
    prekeys: new PrekeyRepository(db),
    prekeyServers: new PrekeyServerRepository(db),
    sealedSessions: new SealedSessionRepository(db),
    settings: new SettingsRepository(db),
    transaction: (work) => transaction(db, work),
    close: () => {
      closeDatabase(db);
    },
  };
}
