// SPDX-License-Identifier: GPL-3.0-or-later

import { AppFailure } from '#shared/errors/app-failure.ts';
import type { AppView } from '#shared/model/app.ts';
import type { LinkView } from '#shared/model/link.ts';
import type { Settings } from '#shared/model/settings.ts';
import type { Contacts } from '#main/account/contacts.ts';
import type { AccountService } from '#main/account/service.ts';
import type { PrekeyService } from '#main/prekeys/service.ts';
import type { ConversationService } from '#main/conversation/service.ts';

/** What exists while an account is open. */
export interface AccountServices {
  readonly contacts: Contacts;
  readonly conversations: ConversationService;
  readonly prekeys: PrekeyService;
}

/** What exists while the profile is open. */
export interface ProfileServices {
  readonly account: AccountService;
  readonly settings: {
    readonly view: () => Settings;
    readonly save: (settings: Settings) => void;
  };
  readonly forAccount: () => AccountServices | undefined;
}

/** The way into the profile, and out of it. Passphrases are wiped by the receiver. */
export interface Door {
  readonly view: () => AppView;
  readonly retry: () => Promise<void>;
  readonly create: (passphrase: Uint8Array | undefined) => Promise<void>;
  readonly unlock: (passphrase: Uint8Array) => Promise<void>;
  readonly changePassphrase: (
    current: Uint8Array | undefined,
    next: Uint8Array | undefined,
  ) => Promise<void>;
  readonly lock: () => void;
}

export interface Clipboard {
  readonly copyText: (text: string) => Promise<void>;
  readonly copyForAMinute: (text: string) => Promise<void>;
}

export interface Links {
  readonly view: () => LinkView | undefined;
  readonly open: (text: string) => void;
  readonly settle: (id: number) => void;
}

export interface LinkHandler {
  readonly isOurs: () => boolean;
  readonly set: (on: boolean) => void;
}

export interface Services {
  readonly door: Door;
  readonly links: Links;
  readonly linkHandler: LinkHandler;
  readonly clipboard: Clipboard;
  readonly profile: () => ProfileServices | undefined;
}

export function requireProfile({ profile }: Services): ProfileServices {
  const open = profile();
  if (open === undefined) throw new AppFailure('vault-passphrase-needed');
  return open;
}

export function requireAccount(services: Services): AccountServices {
  const open = requireProfile(services).forAccount();
  if (open === undefined) throw new AppFailure('account-unknown');
  return open;
}
