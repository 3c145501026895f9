// SPDX-License-Identifier: GPL-3.0-or-later

import { APP_ORIGIN } from './origin.ts';

/** What a page asked a session for, as far as it tells whether that is the camera. */
export interface Asked {
  readonly permission: string;
  readonly isMainFrame: boolean;
  /** Of the page that asks. */
  readonly url: string | undefined;
  readonly mediaTypes: readonly string[] | undefined;
}

/** The camera alone, for our own page: no microphone, no screen, no frame of anybody. */
export function asksForCamera({ permission, isMainFrame, url, mediaTypes }: Asked): boolean {
  const isOurs = url === APP_ORIGIN || url?.startsWith(`${APP_ORIGIN}/`) === true;
  const isVideo = mediaTypes?.length === 1 && mediaTypes[0] === 'video';
  return permission === 'media' && isMainFrame && isOurs && isVideo;
}
