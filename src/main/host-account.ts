// SPDX-License-Identifier: GPL-3.0-or-later

import { createPrekeyMessage, permitsOffline } from '#otr';
import type { AppContract } from '#shared/ipc/contract.ts';
import type { Publish } from '#shared/ipc/channel.ts';
import type { Settings } from '#shared/model/settings.ts';
import { Contacts } from './account/contacts.ts';
import { Hearing } from './account/hearing.ts';
import type { AccountDeps } from './account/ports.ts';
import type { AccountGuest, OpenAccount } from './account/service.ts';
import type { World } from './conversation/ports.ts';
import { ConversationService } from './conversation/service.ts';
import type { AccountServices } from './ipc/services.ts';
import { toCodePlace, toErrorKind } from './log/code-place.ts';
import type { Logger } from './log/logger.ts';
import type { PrekeysWorld } from './prekeys/ports.ts';
import { PrekeyService } from './prekeys/service.ts';
import type { OpenDesktop } from './shell/desktop.ts';

/** What of the house an account needs. */
export interface AccountHouse {
  readonly log: Logger;
  readonly publish: Publish<AppContract>;
  /** There once the window is. */
  readonly shown: () => Pick<OpenDesktop, 'announce' | 'forget'> | undefined;
}

export const describeFailure = (cause: unknown) => ({
  kind: toErrorKind(cause),
  place: toCodePlace(cause),
});

/** Everything that lives on top of one open account. */
export function hostAccount(
  house: AccountHouse,
  deps: AccountDeps,
  open: OpenAccount,
  settings: () => Settings,
): { readonly services: AccountServices; readonly guest: AccountGuest } {
  const prekeys = new PrekeyService(
    prekeysWorldOf(deps, open, () => {
      house.publish('prekeys.changed', prekeys.view());
    }),
  );
  const world: World = {
    ...worldOf(house, deps, open, settings),
    offlineKeys: keysOf(open, prekeys),
  };
  const conversations = new ConversationService(world, {
    requestsChanged: () => {
      contacts.publishRequests();
    },
  });
  const contacts: Contacts = new Contacts(deps, open, {
    refresh: (peer) => conversations.refreshViews(peer),
    forget: (id) => conversations.forget(id),
  });
  const hearing = new Hearing(open.client, {
    contacts: (event) => contacts.hear(event),
    conversations: conversations.hear,
    failed: (cause) => {
      deps.note('account-failed', cause);
    },
  });
  return {
    services: { contacts, conversations, prekeys },
    guest: {
      hear: (event) => {
        hearing.hear(event);
        prekeys.hear(event);
      },
      keysChanged: () => {
        void conversations.renewIdentity();
        prekeys.keysChanged();
      },
      stop: () => {
        contacts.stop();
        conversations.stop();
        prekeys.stop();
      },
      endAll: () => conversations.endAll(),
      modeChanged: () => {
        prekeys.modeChanged();
        return conversations.forgetSessions();
      },
    },
  };
}

/** None in a mode without them, and none before our own keys are made. */
const keysOf =
  (open: OpenAccount, prekeys: PrekeyService): World['offlineKeys'] =>
  () =>
    open.identity() !== undefined && permitsOffline(open.mode()) ? prekeys : undefined;

function prekeysWorldOf(deps: AccountDeps, open: OpenAccount, changed: () => void): PrekeysWorld {
  return {
    account: open.row.id,
    ourJid: open.row.jid,
    mode: open.mode,
    identity: open.identity,
    wire: open.client,
    store: deps.store,
    clock: deps.clock,
    env: deps.env,
    makePair: createPrekeyMessage,
    breathe: () => new Promise((resolve) => setImmediate(resolve)),
    changed,
    note: (cause) => {
      deps.note('account-failed', cause);
    },
  };
}

function worldOf(
  house: AccountHouse,
  { store, clock, random, env }: AccountDeps,
  open: OpenAccount,
  settings: () => Settings,
): Omit<World, 'offlineKeys'> {
  return {
    account: open.row.id,
    ourJid: open.row.jid,
    mode: open.mode,
    clock,
    random,
    env,
    wire: open.client,
    store,
    ownKeys: () => {
      const [identity, code] = [open.identity(), open.code()];
      return identity === undefined || code === undefined ? undefined : { identity, code };
    },
    settings,
    publish: house.publish,
    announce: ({ kind, id, name }) => {
      const conversationId = String(id);
      house
        .shown()
        ?.announce(kind === 'plain' ? { kind, conversationId, name } : { kind, conversationId });
    },
    withdrawAnnouncement: (id) => house.shown()?.forget(String(id)),
    note: (event, cause) => {
      house.log.write(event, describeFailure(cause));
    },
    defer: setImmediate,
  };
}
