// SPDX-License-Identifier: GPL-3.0-or-later

import { vi } from 'vitest';
import type { ConversationView } from '../../src/shared/model/conversation.ts';
import type { TimelineItem } from '../../src/shared/model/timeline.ts';
import { chatWith } from '../renderer-browser/preview/conversation-sample.ts';
import type { House } from '../renderer-browser/preview/main-of.ts';
import { openWindow, type OpenWindow } from './open-window.ts';

const WINDOW_PX = 600;
const ROW_PX = 40;

export interface ChatWindow extends OpenWindow {
  /** Main says that the chat is now so. */
  readonly become: (view: ConversationView) => Promise<void>;
  readonly put: (item: TimelineItem) => Promise<void>;
  readonly composer: () => HTMLTextAreaElement;
  readonly write: (text: string) => Promise<void>;
  readonly one: (selector: string) => HTMLElement;
  readonly all: (selector: string) => readonly HTMLElement[];
}

/** A DOM without layout has no height, and a virtual list without height has no rows. */
function giveHeight(): void {
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(WINDOW_PX);
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(WINDOW_PX);
  vi.spyOn(HTMLElement.prototype, 'offsetHeight', 'get').mockReturnValue(ROW_PX);
  vi.stubGlobal('matchMedia', (media: string) => ({
    matches: media.includes('reduced-motion'),
    media,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  }));
}

/** The window with one chat open. Call `vi.restoreAllMocks` and `vi.unstubAllGlobals` after it. */
export async function openChat(
  view: ConversationView,
  items: readonly TimelineItem[] = [],
  house: House = {},
): Promise<ChatWindow> {
  giveHeight();
  const client = chatWith(view, items, house);
  const window = await openWindow(client, { name: 'chat', params: { id: view.id } });
  await window.settle();
  const one = (selector: string): HTMLElement => {
    const found = document.querySelector<HTMLElement>(selector);
    if (found === null) throw new TypeError(`nothing matches ${selector}`);
    return found;
  };
  const composer = (): HTMLTextAreaElement => one('textarea') as HTMLTextAreaElement;
  return {
    ...window,
    one,
    all: (selector) => [...document.querySelectorAll<HTMLElement>(selector)],
    composer,
    become: async (next) => {
      client.emit('conversation.changed', next);
      await window.settle();
    },
    put: async (item) => {
      client.emit('conversation.item-changed', item);
      await window.settle();
    },
    write: async (text) => {
      composer().value = text;
      composer().dispatchEvent(new Event('input', { bubbles: true }));
      await window.settle();
    },
  };
}
