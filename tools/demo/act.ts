// SPDX-License-Identifier: GPL-3.0-or-later

import type { Page } from 'playwright-core';
import type { Album } from './album.ts';
import type { Stage } from './stage.ts';

/** What every act needs. */
export interface Play {
  readonly stage: Stage;
  readonly alice: Page;
  readonly bob: Page;
  readonly album: Album;
}

export interface Act {
  readonly title: string;
  readonly run: (play: Play) => Promise<void>;
}
