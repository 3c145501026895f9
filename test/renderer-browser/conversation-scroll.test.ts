// SPDX-License-Identifier: GPL-3.0-or-later

import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPreview, type Preview } from '../../tools/renderer-preview/open-browser.ts';

const wide = { width: 1280, height: 800, theme: 'light' } as const;
let preview: Preview;

beforeAll(async () => {
  preview = await openPreview();
});

afterAll(async () => {
  await preview.stop();
});

/** Two frames: what was asked for is laid out and painted. */
const painted = (page: Page): Promise<unknown> =>
  page.evaluate(
    () =>
      new Promise((resolve) => {
        requestAnimationFrame(() => requestAnimationFrame(resolve));
      }),
  );

/** Waits until the list no longer moves: pages come in, rows are measured. */
async function settled(page: Page): Promise<void> {
  await page.waitForFunction(async () => {
    const list = document.querySelector('.scroller');
    const before = `${String(list?.scrollTop)}/${String(list?.scrollHeight)}`;
    for (let frame = 0; frame < 6; frame += 1) {
      await new Promise((resolve) => {
        requestAnimationFrame(resolve);
      });
    }
    return before === `${String(list?.scrollTop)}/${String(list?.scrollHeight)}`;
  });
}

const fromEnd = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const list = document.querySelector('.scroller');
    if (list === null) return Number.NaN;
    return list.scrollHeight - list.scrollTop - list.clientHeight;
  });

async function scrollTo(page: Page, top: number): Promise<void> {
  await page.evaluate((to) => {
    document.querySelector('.scroller')?.scrollTo({ top: to });
  }, top);
  await settled(page);
}

interface Place {
  readonly key: string;
  /** Below the upper edge of the list, and below its start (px). */
  readonly top: number;
  readonly belowStart: number;
}

/** The first message that is wholly in sight, and where it stands; a day moves up with its first one. */
const anchor = (page: Page): Promise<Place> =>
  page.evaluate(() => {
    const list = document.querySelector('.scroller');
    const top = list?.getBoundingClientRect().top ?? 0;
    const rows = [
      ...document.querySelectorAll<HTMLElement>('ol.list > li:not([data-key^=day])'),
    ].toSorted((a, b) => Number(a.dataset['index']) - Number(b.dataset['index']));
    const row = rows.find((element) => element.getBoundingClientRect().top >= top);
    const below = (row?.getBoundingClientRect().top ?? 0) - top;
    return {
      key: row?.dataset['key'] ?? '',
      top: below,
      belowStart: below + (list?.scrollTop ?? 0),
    };
  });

const topOf = (page: Page, key: string): Promise<number | undefined> =>
  page.evaluate((wanted) => {
    const top = document.querySelector('.scroller')?.getBoundingClientRect().top ?? 0;
    const row = document.querySelector(`li[data-key="${wanted}"]`);
    return row === null ? undefined : row.getBoundingClientRect().top - top;
  }, key);

const rowCount = (page: Page): Promise<number> => page.locator('ol.list > li').count();

const emit = (page: Page, name: string, payload: unknown): Promise<void> =>
  page.evaluate(
    ([event, value]) => {
      const main = Reflect.get(globalThis, 'fakeMain') as {
        readonly emit: (name: unknown, payload: unknown) => void;
      };
      main.emit(event, value);
    },
    [name, payload],
  );

/** Lets main answer at another moment than it does. */
const answerHistory = (
  page: Page,
  when: 'at once' | 'within a frame' | 'after a long task',
): Promise<void> =>
  page.evaluate((moment) => {
    const main = Reflect.get(globalThis, 'fakeMain') as {
      request: (name: string, input: unknown) => Promise<unknown>;
    };
    const { request } = main;
    main.request = async (name, input) => {
      const answer = await request(name, input);
      if (name !== 'conversation.history' || moment === 'at once') return answer;
      if (moment === 'within a frame') await new Promise(requestAnimationFrame);
      const end = performance.now() + 200;
      while (moment === 'after a long task' && performance.now() < end);
      return answer;
    };
  }, when);

const message = (id: number, text: string, direction = 'in') => ({
  kind: 'message',
  id: `p${String(id)}`,
  conversationId: 1,
  at: Date.now(),
  direction,
  text,
  protection: 'plain',
  delivery: 'delivered',
  devices: [],
  plainInside: false,
  ended: false,
});

describe('a long history', () => {
  it('perf:U1 opens at its end, with few rows in the page', async () => {
    await preview.show({ scenario: 'conversation/long', ...wide }, async (page) => {
      await settled(page);
      expect(await fromEnd(page)).toBeLessThanOrEqual(1);
      expect(await page.locator('li[data-key=p5000]').isVisible()).toBe(true);
      expect(await rowCount(page)).toBeLessThan(60);
    });
  });

  it('perf:U3 does not move what is being read when older messages come above it', async () => {
    await preview.show({ scenario: 'conversation/long', ...wide }, async (page) => {
      await settled(page);
      await page.locator('.scroller').hover();
      for (let turn = 0; turn < 6; turn += 1) {
        const before = await page.locator('ol.list > li').first().getAttribute('aria-setsize');
        await scrollTo(page, 900);
        const seen = await anchor(page);
        await scrollTo(page, 590);
        await page.waitForFunction(
          (size) => document.querySelector('ol.list > li')?.getAttribute('aria-setsize') !== size,
          before,
        );
        await settled(page);
        const now = await topOf(page, seen.key);
        expect(Math.abs((now ?? Infinity) + 590 - seen.belowStart)).toBeLessThanOrEqual(1);
      }
      expect(await rowCount(page)).toBeLessThan(60);
    });
  });

  it.each(['at once', 'within a frame', 'after a long task'] as const)(
    'perf:U2 perf:U3 shows what is being read, where it was, in each frame while older messages come %s',
    async (arrival) => {
      await preview.show({ scenario: 'conversation/long', ...wide }, async (page) => {
        await settled(page);
        await scrollTo(page, 900);
        const seen = await anchor(page);
        await answerHistory(page, arrival);
        const places = await page.evaluate(async (key) => {
          const list = document.querySelector('.scroller');
          const size = () => document.querySelector('ol.list > li')?.getAttribute('aria-setsize');
          /** The task after a frame finds the page as it was painted. */
          const paint = () =>
            new Promise((resolve) => {
              requestAnimationFrame(() => {
                const { port1, port2 } = new MessageChannel();
                port1.onmessage = resolve;
                port2.postMessage(undefined);
              });
            });
          const before = size();
          list?.scrollTo({ top: 590 });
          const tops: (number | undefined)[] = [];
          while (tops.length < 20) {
            await paint();
            const row = document.querySelector(`li[data-key="${key}"]`)?.getBoundingClientRect();
            const { top = 0 } = list?.getBoundingClientRect() ?? {};
            if (size() !== before) tops.push(row && row.top - top);
          }
          return tops;
        }, seen.key);
        expect(new Set(places)).toEqual(new Set([seen.belowStart - 590]));
      });
    },
  );

  it('follows at the end, and stays where the reader is anywhere else', async () => {
    await preview.show({ scenario: 'conversation/long', ...wide }, async (page) => {
      await settled(page);
      await emit(page, 'conversation.item-changed', message(6001, 'at the end'));
      await settled(page);
      expect(await fromEnd(page)).toBeLessThanOrEqual(1);

      await page.evaluate(() => {
        const list = document.querySelector('.scroller');
        list?.scrollTo({ top: list.scrollTop - 900 });
      });
      await settled(page);
      const seen = await anchor(page);
      await emit(page, 'conversation.item-changed', message(6002, 'while reading above'));
      await settled(page);
      expect(Math.abs(((await topOf(page, seen.key)) ?? Infinity) - seen.top)).toBeLessThanOrEqual(
        1,
      );
      expect(await page.getByRole('button', { name: 'Newest messages' }).isVisible()).toBe(true);

      await emit(page, 'conversation.item-changed', message(6003, 'mine', 'out'));
      await settled(page);
      expect(await fromEnd(page)).toBeLessThanOrEqual(1);
    });
  });

  it('goes back to the end with one button', async () => {
    await preview.show({ scenario: 'conversation/long', ...wide }, async (page) => {
      await settled(page);
      await page.evaluate(() => {
        document.querySelector('.scroller')?.scrollTo({ top: 700 });
      });
      await settled(page);
      await page.getByRole('button', { name: 'Newest messages' }).click();
      await settled(page);
      expect(await fromEnd(page)).toBeLessThanOrEqual(1);
    });
  });

  it('ux:22 keeps the focused message in the page while it is scrolled away', async () => {
    await preview.show({ scenario: 'conversation/long', ...wide }, async (page) => {
      await settled(page);
      await page.locator('li[data-key=p5000]').focus();
      await page.keyboard.press('ArrowUp');
      await page.keyboard.press('ArrowUp');
      await page.evaluate(() => {
        document.querySelector('.scroller')?.scrollTo({ top: 0 });
      });
      await settled(page);
      const focused = () =>
        page.evaluate(() => (document.activeElement as HTMLElement).dataset['key']);
      expect(await focused()).toBe('p4998');
      await page.keyboard.press('ArrowUp');
      await painted(page);
      expect(await focused()).toBe('p4997');
      expect(await page.locator('li[data-key=p4997]').isVisible()).toBe(true);
    });
  });
});

describe('a change of state', () => {
  const boxes = (page: Page, selectors: readonly string[]) =>
    page.evaluate(
      (wanted) =>
        wanted.map((selector) => {
          const box = document.querySelector(selector)?.getBoundingClientRect();
          return box === undefined
            ? undefined
            : [box.left, box.top, box.width, box.height].map(Math.round);
        }),
      selectors,
    );

  it.each([1280, 820, 360])(
    'ux:S3 ux:S4 moves neither header, composer nor messages at %s px',
    async (width) => {
      await preview.show(
        { scenario: 'conversation/unverified-chat', width, height: 800, theme: 'light' },
        async (page) => {
          await settled(page);
          const parts = ['main > header', 'main form', 'main form textarea', 'li[data-key=m9]'];
          const before = await boxes(page, parts);
          await page.evaluate(() => {
            const main = Reflect.get(globalThis, 'fakeMain') as {
              readonly emit: (name: string, payload: unknown) => void;
              readonly request: (name: string, input: unknown) => Promise<{ value: object }>;
            };
            void main.request('conversation.open', { id: 1 }).then(({ value }) => {
              main.emit('conversation.changed', { ...value, state: 'verified' });
            });
          });
          await page.waitForFunction(() =>
            document.querySelector('main .chip')?.textContent.includes('· verified'),
          );
          await settled(page);
          expect(await boxes(page, parts)).toEqual(before);
        },
      );
    },
  );

  it('ux:I-9 puts a card above the composer without moving the composer, the caret or the focus', async () => {
    await preview.show({ scenario: 'conversation/plain', ...wide }, async (page) => {
      await settled(page);
      await page.locator('textarea').click();
      await page.keyboard.type('I am listening');
      await page.keyboard.press('ArrowLeft');
      const before = await boxes(page, ['main form']);
      await page.evaluate(() => {
        const main = Reflect.get(globalThis, 'fakeMain') as {
          readonly emit: (name: string, payload: unknown) => void;
          readonly request: (name: string, input: unknown) => Promise<{ value: object }>;
        };
        void main.request('conversation.open', { id: 1 }).then(({ value }) => {
          const device = { label: 'Laptop', instanceTag: 'c45b041c' };
          main.emit('conversation.changed', {
            ...value,
            invitation: { at: 1, device, isStrange: false },
          });
        });
      });
      await page.getByRole('button', { name: 'Accept' }).waitFor();
      await settled(page);
      expect(await boxes(page, ['main form'])).toEqual(before);
      expect(await fromEnd(page)).toBeLessThanOrEqual(1);
      await page.keyboard.type('!');
      expect(await page.locator('textarea').inputValue()).toBe('I am listenin!g');
    });
  });

  it('lets the composer grow over many lines, and no further than two fifths of the pane', async () => {
    await preview.show({ scenario: 'conversation/plain', ...wide }, async (page) => {
      await settled(page);
      await page.locator('textarea').fill('line\n'.repeat(60));
      await settled(page);
      const [form] = await boxes(page, ['main form']);
      expect(form?.[3]).toBeGreaterThan(200);
      expect(form?.[3]).toBeLessThanOrEqual(340);
      expect(await fromEnd(page)).toBeLessThanOrEqual(1);
    });
  });
});
