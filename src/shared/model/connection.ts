// SPDX-License-Identifier: GPL-3.0-or-later

import type { AppErrorCode } from '../errors/app-error.ts';

/** Where the account's stream to its server stands. */
export type ConnectionView =
  | { readonly tag: 'offline' }
  | { readonly tag: 'connecting' }
  | { readonly tag: 'online' }
  /** Lost; the next attempt starts at `retryAt`. */
  | { readonly tag: 'waiting'; readonly attempt: number; readonly retryAt: number }
  /** Stopped until the user does something about `code`. */
  | { readonly tag: 'failed'; readonly code: AppErrorCode };
