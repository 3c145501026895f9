// SPDX-License-Identifier: GPL-3.0-or-later

import type { Handlers } from '#shared/ipc/channel.ts';
import type { AppContract } from '#shared/ipc/contract.ts';

type Name = keyof Handlers<AppContract>;

/** The handlers of one noun: all of them, and no others. */
export type HandlersOf<Noun extends string> = Pick<
  Handlers<AppContract>,
  Extract<Name, `${Noun}.${string}`>
>;
