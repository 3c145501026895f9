// SPDX-License-Identifier: GPL-3.0-or-later

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { randomBytes } from 'node:crypto';
import * as v from 'valibot';
import { AppFailure } from '#shared/errors/app-failure.ts';
import { contract, type AppContract } from '#shared/ipc/contract.ts';
import type { Publish } from '#shared/ipc/channel.ts';
import { messages } from '#shared/i18n/locale.ts';
import type { OpenChats } from '#shared/model/conversation.ts';
import { ConversationId } from '#shared/model/ids.ts';
import { ok, type Result } from '#shared/std/result.ts';
import { Door } from './account/door.ts';
import { LinkDesk } from './account/link-desk.ts';
import { FORGING_FILE_KIND, formatForgingFile } from './account/forging-file.ts';
import type { AccountDeps } from './account/ports.ts';
import { AccountService } from './account/service.ts';
import { toSecurityCode } from './conversation/security-code.ts';
import dhWorker from './dh/dh-worker.ts?nodeWorker';
import { NativeDh } from './dh/native-dh.ts';
import { describeFailure, hostAccount } from './host-account.ts';
import { createDispatch } from './ipc/dispatch.ts';
import { createHandlers } from './ipc/handlers.ts';
import type { AccountServices, ProfileServices } from './ipc/services.ts';
import { createLogger, type Logger } from './log/logger.ts';
import { createRingBuffer } from './log/ring-buffer.ts';
import { createSettingsBook } from './settings/settings-book.ts';
import { createSpeech, type Speech } from './settings/speech.ts';
import { type Desktop, type OpenDesktop, startDesktop, type WindowRooms } from './shell/desktop.ts';
import { extraCertificates } from './shell/extra-certificates.ts';
import { platformOf } from './shell/platform.ts';
import { systemClock as clock } from './shell/system-clock.ts';
import { applyTheme } from './shell/theme.ts';
import { createDatabase, openDatabase } from './store/database.ts';
import { migrations } from './store/migrations/index.ts';
import { createStore, type Store } from './store/store.ts';
import { createArgon2id } from './vault/argon2id.ts';
import argon2idWorker from './vault/argon2id-worker.ts?nodeWorker';
import { nodeFiles } from './vault/durable-files.ts';
import { sealKey } from './vault/envelope.ts';
import { KDF_COST, SALT_LENGTH } from './vault/kdf.ts';
import { makeFolder } from './vault/new-folder.ts';
import type { VaultFailure } from './vault/vault-failure.ts';
import { type StoreKey, Vault, type VaultTools } from './vault/vault.ts';
import type { XmppDeps } from './xmpp/ports.ts';
import { createXmppClient } from './xmpp/create-client.ts';
import { registerAccount } from './xmpp/register-account.ts';

const LOG_LINES = 500;
const SEAL_NONCE_LENGTH = 24;
/** The window is there and has settled: now a second of another core harms nobody. */
const DH_HANDLE_AFTER_MS = 3000;

/** Before anybody has signed in. */
const NO_CHATS: OpenChats = { ending: 0, lasting: 0, held: 0 };

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
const nativeDh = new NativeDh((memory) => dhWorker({ workerData: memory }));
const env = {
  random,
  nowMs: clock.now,
  monotonicMs: clock.monotonicNow,
  dhPower: nativeDh.power,
};
const deriveKey = createArgon2id(() => argon2idWorker({}));

/** What all rooms of this run share. */
interface House {
  readonly desktop: Desktop;
  readonly log: Logger;
  readonly publish: Publish<AppContract>;
  readonly speech: Speech;
  /** There once the window is. */
  readonly shown: () => OpenDesktop | undefined;
}

/** Puts the house together and opens the door. Returns when the window is there. */
export async function compose(): Promise<void> {
  const desktop = await startDesktop({
    argv: process.argv,
    environment: process.env,
    platform: process.platform,
    userId: process.getuid?.(),
    after: clock.after,
  });
  if (desktop === undefined) return;
  const cell: { shown?: OpenDesktop } = {};
  const log = createLogger(createRingBuffer(LOG_LINES, clock.now).sink);
  const publish: Publish<AppContract> = (name, payload) => cell.shown?.publish(name, payload);
  const speech = createSpeech(desktop.languages, join(desktop.folder, 'language'), () => {
    cell.shown?.speak();
    door.aboutChanged();
  });
  const house: House = { desktop, log, publish, speech, shown: () => cell.shown };
  const onBug = (cause: unknown): void => {
    log.write('bug', describeFailure(cause));
  };
  const profiles: { current: ProfileServices | undefined } = { current: undefined };
  const door: Door = createDoor(house, profiles);
  const links = new LinkDesk(publish, () => profiles.current?.account.view()?.jid);
  const dispatch = createDispatch(
    contract,
    createHandlers({
      door,
      links,
      linkHandler: desktop.linkHandler,
      clipboard: desktop.clipboard,
      profile: () => profiles.current,
    }),
    onBug,
  );
  cell.shown = desktop.serve({
    dispatch,
    onRefused: () => undefined,
    stop: () => {
      nativeDh.stop();
      return door.stop();
    },
    onStopFailed: onBug,
    openChats: () => profiles.current?.forAccount()?.conversations.openChats() ?? NO_CHATS,
    onScreenLocked: () => undefined,
    onLink: (link) => {
      links.take(link);
    },
    onResume: () => {
      profiles.current?.account.wake();
    },
    words: () => messages[speech.locale()],
    ...wordsOf(house, door, profiles),
  });
  await Promise.all([door.start(), cell.shown.show()]);
  clock.after(DH_HANDLE_AFTER_MS, () => {
    nativeDh.start();
  });
}

/** What the desktop says and hears outside of the window. */
function wordsOf(
  { publish }: House,
  door: Door,
  profiles: { readonly current: ProfileServices | undefined },
): Pick<WindowRooms, 'menu' | 'notifications'> {
  return {
    menu: {
      send: (command) => {
        publish('app.command', command);
      },
      lock: () => {
        lockOrExplain(door, publish);
      },
    },
    notifications: {
      level: () => profiles.current?.settings.view().notifications ?? 'none',
      onOpen: (id) => {
        publish('conversation.show', v.parse(ConversationId, Number(id)));
      },
    },
  };
}

/** From the menu. What cannot be locked needs a passphrase, which is chosen in the settings. */
function lockOrExplain(door: Door, publish: Publish<AppContract>): void {
  try {
    door.lock();
  } catch (cause) {
    if (!(cause instanceof AppFailure)) throw cause;
    publish('app.command', 'settings');
  }
}

function createDoor(house: House, profiles: { current: ProfileServices | undefined }): Door {
  const { desktop, publish } = house;
  const folder = join(desktop.folder, 'profile');
  const storePath = (at: string): string => join(at, 'store.db');
  const tools: VaultTools = {
    folder,
    files: nodeFiles,
    now: clock.now,
    random,
    deriveKey,
    keyring: desktop.keyring,
  };
  const door: Door = new Door({
    vault: new Vault(tools),
    createProfile: (passphrase) => createProfile(tools, storePath, passphrase),
    openStore: ({ id, key }) => {
      const opened = openDatabase({ path: storePath(folder), id, key, migrations });
      return opened.ok ? ok(createStore(opened.value)) : opened;
    },
    hasStore: () => existsSync(storePath(folder)),
    openProfile: (store) => {
      const profile = openProfile(house, store, () => {
        door.accountChanged();
      });
      profiles.current = profile;
      return {
        hasAccount: () => profile.account.exists(),
        stop: async () => {
          profiles.current = undefined;
          await profile.account.stop();
        },
      };
    },
    publish: (view) => {
      publish('app.changed', view);
    },
    about: () => ({
      platform: platformOf(process.platform),
      version: desktop.version,
      locale: house.speech.locale(),
    }),
    relaunch: () => house.shown()?.lock(),
  });
  return door;
}

/** Key file and store come into being together, or not at all. */
async function createProfile(
  tools: VaultTools,
  storePath: (folder: string) => string,
  passphrase: Uint8Array | undefined,
): Promise<Result<StoreKey, VaultFailure>> {
  let made: Result<StoreKey, VaultFailure> | undefined;
  try {
    await makeFolder(tools.folder, async (folder) => {
      made = await new Vault({ ...tools, folder }).create(passphrase);
      if (!made.ok) throw new NotMade();
      const { id, key } = made.value;
      createStore(createDatabase({ path: storePath(folder), id, key, migrations })).close();
    });
  } catch (cause) {
    if (!(cause instanceof NotMade)) throw cause;
  }
  if (made === undefined) throw new TypeError('a profile without an outcome');
  return made;
}

class NotMade extends Error {
  override readonly name = 'NotMade';
}

function openProfile(house: House, store: Store, onExistence: () => void): ProfileServices {
  const settings = createSettingsBook(
    {
      load: (name) => store.settings.load(name),
      save: (name, value) => {
        store.transaction((tx) => {
          store.settings.save(tx, name, value);
        });
      },
    },
    (saved) => {
      applyTheme(saved.theme);
      house.speech.choose(saved.language);
      house.publish('settings.changed', saved);
      void guests.current?.conversations.refreshViews();
    },
  );
  applyTheme(settings.view().theme);
  house.speech.choose(settings.view().language);
  const guests: { current: AccountServices | undefined } = { current: undefined };
  const deps = accountDeps(house, store);
  const account = new AccountService(
    deps,
    (open) => {
      const { services, guest } = hostAccount(house, deps, open, settings.view);
      guests.current = services;
      return guest;
    },
    () => {
      if (!account.exists()) guests.current = undefined;
      onExistence();
    },
  );
  account.open();
  return { account, settings, forAccount: () => guests.current };
}

function accountDeps(house: House, store: Store): AccountDeps {
  const { desktop, log, publish } = house;
  const xmpp: XmppDeps = { clock, random, note: log.admit };
  return {
    store,
    clock,
    random,
    env,
    publish,
    createClient: (config) => createXmppClient(config, xmpp),
    register: (config, password, token) => registerAccount(config, password, xmpp, token),
    extraCertificates: extraCertificates(process.env.SOTTO_EXTRA_CA),
    language: desktop.language,
    toSecurityCode,
    exportForgingKey: (seed, passphrase) => exportForgingKey(desktop, seed, passphrase),
    note: (event, cause) => {
      log.write(event, describeFailure(cause));
    },
  };
}

async function exportForgingKey(
  desktop: Desktop,
  seed: Uint8Array,
  passphrase: Uint8Array,
): Promise<boolean> {
  const kdf = { ...KDF_COST, salt: random(SALT_LENGTH) };
  const key = await deriveKey(passphrase, kdf);
  const nonce = random(SEAL_NONCE_LENGTH);
  const kind = new TextEncoder().encode(FORGING_FILE_KIND);
  const { sealed } = sealKey(key, nonce, kind, seed);
  key.fill(0);
  return desktop.saveFile(formatForgingFile({ ...kdf, nonce, sealed }), 'deniability-key.json');
}
