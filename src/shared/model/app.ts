// SPDX-License-Identifier: GPL-3.0-or-later

import type { AppErrorCode } from '../errors/app-error.ts';
import type { Locale } from '../i18n/locale.ts';

/** What the window has to show before anything else. */
export type AppPhase =
  | { readonly tag: 'loading' }
  /** No profile yet. `passphrase`: the system cannot keep the key, so the user must choose one. */
  | { readonly tag: 'new'; readonly passphrase: 'required' | 'optional' }
  | { readonly tag: 'locked' }
  /** The profile cannot be opened. Nothing was changed on disk. */
  | { readonly tag: 'broken'; readonly code: AppErrorCode }
  /** Open, but no account yet. */
  | { readonly tag: 'no-account' }
  | { readonly tag: 'ready' };

export interface AppView {
  readonly phase: AppPhase;
  readonly platform: 'linux' | 'mac' | 'windows';
  readonly version: string;
  /** What the window speaks: the user's choice, else the system's language. */
  readonly locale: Locale;
  /** Earliest time at which the next passphrase is looked at, after wrong ones. */
  readonly retryAt: number | undefined;
}
