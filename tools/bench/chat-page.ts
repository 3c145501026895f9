// SPDX-License-Identifier: GPL-3.0-or-later

import type { Page } from 'playwright-core';

const SPEED = 3000;

/** What runs inside the page knows nothing of this file; each function brings what it needs. */

/** @returns ms from the click on the chat until its newest message is in sight and painted */
export const timeOpening = (page: Page, newest: string): Promise<number> =>
  page.evaluate(async (key) => {
    const row = document.querySelector<HTMLElement>('nav a[href*="chat"]');
    const start = performance.now();
    row?.click();
    for (;;) {
      await new Promise(requestAnimationFrame);
      const { bottom = 0 } =
        document.querySelector(`li[data-key=${key}]`)?.getBoundingClientRect() ?? {};
      if (bottom > 0 && bottom <= innerHeight) return performance.now() - start;
    }
  }, newest);

/** Replaces the page by as many copies of one row in a plain list. @returns ms until it is painted */
export const timePlainList = (page: Page, rows: number): Promise<number> =>
  page.evaluate(async (count) => {
    const items = [...document.querySelectorAll('ol.list > li')].map((item) => {
      const copy = item.cloneNode(true) as HTMLElement;
      copy.style.position = 'static';
      copy.style.transform = 'none';
      return copy;
    });
    const scroller = document.createElement('div');
    scroller.id = 'plain';
    scroller.className = 'scroller';
    Object.assign(scroller.style, { position: 'fixed', inset: '0', overflow: 'auto', zIndex: '9' });
    scroller.style.background = 'white';
    const start = performance.now();
    for (let index = 0; index < count; index += 1) {
      const item = items[index % items.length]?.cloneNode(true);
      if (item !== undefined) scroller.append(item);
    }
    document.body.append(scroller);
    scroller.scrollTop = scroller.scrollHeight;
    await new Promise(requestAnimationFrame);
    await new Promise(requestAnimationFrame);
    return performance.now() - start;
  }, rows);

export interface Scrolled {
  readonly dropped: number;
  readonly blank: number;
  /** Px that a row went the wrong way, at most. */
  readonly backward: number;
  readonly rows: number;
}

/** Upwards at 3000 px/s, as a wheel does it. */
export async function scrollUp(page: Page, selector: string, px: number): Promise<Scrolled> {
  const box = await page.locator(selector).boundingBox();
  if (box === null) throw new TypeError(`${selector} is not in sight`);
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const watching = watchRows(page, selector, { x, y });
  const session = await page.context().newCDPSession(page);
  await session.send('Input.synthesizeScrollGesture', {
    ...{ x, y, yDistance: px, speed: SPEED },
    ...{ gestureSourceType: 'mouse', preventFling: true },
  });
  await page.evaluate(() => {
    document.dispatchEvent(new Event('scrolled'));
  });
  return watching;
}

/** Frame by frame, until the event `scrolled`. */
const watchRows = (
  page: Page,
  selector: string,
  point: { readonly x: number; readonly y: number },
): Promise<Scrolled> =>
  page.evaluate(
    async ([where, { x, y }]) => {
      const list = document.querySelector<HTMLElement>(where);
      if (list === null) throw new TypeError(where);
      const seen = { dropped: 0, blank: 0, backward: 0, rows: 0 };
      const rowAt = (below: number) =>
        document
          .elementsFromPoint(x, y + below)
          .map((element) => element.closest<HTMLElement>('li'))
          .find((row) => row !== null);
      let going = true;
      document.addEventListener('scrolled', () => (going = false), { once: true });
      let last = performance.now();
      while (going) {
        const row = rowAt(0);
        const before = row?.getBoundingClientRect().top ?? 0;
        const now: number = await new Promise(requestAnimationFrame);
        seen.dropped += Math.max(1, Math.round((now - last) / (1000 / 60))) - 1;
        // Gaps between rows are narrower than this.
        if (row === undefined && rowAt(24) === undefined) seen.blank += 1;
        if (row?.isConnected === true) {
          seen.backward = Math.max(seen.backward, before - row.getBoundingClientRect().top);
        }
        seen.rows = Math.max(seen.rows, list.querySelectorAll('li').length);
        last = now;
      }
      return seen;
    },
    [selector, point] as const,
  );

/** Messages come in, ten a second. @returns frames from the event until each is in the page */
export const timeArrivals = (page: Page, count: number): Promise<readonly number[]> =>
  page.evaluate(async (messages) => {
    const main = Reflect.get(globalThis, 'fakeMain') as {
      readonly emit: (name: string, payload: unknown) => void;
    };
    const frames: number[] = [];
    for (let index = 0; index < messages; index += 1) {
      const id = `p${String(900_000 + index)}`;
      main.emit('conversation.item-changed', {
        kind: 'message',
        id,
        conversationId: 1,
        at: Date.now(),
        direction: 'in',
        text: `message ${String(index)}`,
        protection: 'plain',
        delivery: 'delivered',
        devices: [],
        plainInside: false,
        ended: false,
      });
      let waited = 0;
      while (document.querySelector(`li[data-key=${id}]`) === null && waited < 60) {
        await new Promise(requestAnimationFrame);
        waited += 1;
      }
      frames.push(waited);
      const pause = performance.now() + 100;
      while (performance.now() < pause) await new Promise(requestAnimationFrame);
    }
    return frames;
  }, count);

/** Goes near the top until older messages have come. @returns px that a row in sight was moved by */
export const shiftOfPrepending = (page: Page): Promise<number> =>
  page.evaluate(async () => {
    const list = document.querySelector<HTMLElement>('.scroller');
    if (list === null) throw new TypeError('no list');
    const rest = async () => {
      for (let quiet = 0, before = ''; quiet < 6;) {
        await new Promise(requestAnimationFrame);
        const now = `${String(list.scrollTop)}/${String(list.scrollHeight)}`;
        quiet = now === before ? quiet + 1 : 0;
        before = now;
      }
    };
    const size = () => document.querySelector('ol.list > li')?.getAttribute('aria-setsize');
    list.scrollTop = 900;
    await rest();
    const edge = list.getBoundingClientRect().top;
    const row = [...list.querySelectorAll<HTMLElement>('ol.list > li:not([data-key^=day])')]
      .toSorted((a, b) => Number(a.dataset['index']) - Number(b.dataset['index']))
      .find((each) => each.getBoundingClientRect().top >= edge);
    const key = row?.dataset['key'] ?? '';
    const belowStart = (row?.getBoundingClientRect().top ?? 0) + list.scrollTop;
    const before = size();
    list.scrollTop = 590;
    while (size() === before) await new Promise(requestAnimationFrame);
    await rest();
    const now = list.querySelector(`li[data-key="${key}"]`)?.getBoundingClientRect().top;
    return Math.abs((now ?? Infinity) + 590 - belowStart);
  });
