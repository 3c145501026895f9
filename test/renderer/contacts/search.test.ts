// SPDX-License-Identifier: GPL-3.0-or-later

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ok } from '../../../src/shared/std/result.ts';
import { mainOf } from '../../renderer-browser/preview/main-of.ts';
import { foundMessages } from '../../renderer-browser/preview/sample.ts';
import { inputsOf, openWindow, type OpenWindow } from '../../support/open-window.ts';

let window: OpenWindow;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});

afterEach(() => {
  window.close();
  vi.useRealTimers();
});

const pause = async (): Promise<void> => {
  await vi.advanceTimersByTimeAsync(200);
  await window.settle();
};

describe('searching messages', () => {
  it('asks main once the typing pauses, and leads to the chat of what was found', async () => {
    const client = mainOf({ answers: { 'conversation.search': () => ok(foundMessages) } });
    window = await openWindow(client);
    await window.type('Search', 'le');
    await window.type('Search', 'letter');
    await pause();
    expect(inputsOf(client, 'conversation.search')).toEqual([{ text: 'letter' }]);
    expect(window.text()).toContain('the one with the broken lid');
    const [first] = document.querySelectorAll<HTMLElement>('a.found');
    first?.click();
    await window.settle();
    expect(window.router.currentRoute.value.params).toEqual({ id: '2' });
  });

  it('does not show an old answer under a newer question', async () => {
    const late = Promise.withResolvers<undefined>();
    const client = mainOf({
      answers: {
        'conversation.search': async ({ text }) => {
          if (text === 'first') await late.promise;
          return ok(text === 'first' ? foundMessages : []);
        },
      },
    });
    window = await openWindow(client);
    await window.type('Search', 'first');
    await pause();
    await window.type('Search', 'second');
    await pause();
    late.resolve(undefined);
    await window.settle();
    expect(document.querySelectorAll('a.found')).toHaveLength(0);
  });

  it('forgets what was found when the search is cleared', async () => {
    window = await openWindow(
      mainOf({ answers: { 'conversation.search': () => ok(foundMessages) } }),
    );
    await window.type('Search', 'letter');
    await pause();
    expect(document.querySelectorAll('a.found')).toHaveLength(2);
    await window.type('Search', '');
    expect(document.querySelectorAll('a.found')).toHaveLength(0);
  });
});
