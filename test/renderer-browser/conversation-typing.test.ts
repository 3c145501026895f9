// SPDX-License-Identifier: GPL-3.0-or-later

import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPreview, type Preview } from '../../tools/renderer-preview/open-browser.ts';

const wide = { width: 1280, height: 800, theme: 'light' } as const;
const narrow = { width: 360, height: 740, theme: 'light' } as const;
let preview: Preview;

beforeAll(async () => {
  preview = await openPreview();
});

afterAll(async () => {
  await preview.stop();
});

const sent = (page: Page): Promise<readonly string[]> =>
  page.evaluate(() => {
    const main = Reflect.get(globalThis, 'fakeMain') as {
      readonly heard: readonly {
        readonly name: string;
        readonly input: { readonly text: string };
      }[];
    };
    return main.heard
      .filter(({ name }) => name === 'conversation.send')
      .map(({ input }) => input.text);
  });

const focused = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const element = document.activeElement;
    return element?.getAttribute('aria-label') ?? element?.textContent.trim() ?? '';
  });

describe('the composer', () => {
  it('ux:I-2 has the focus when a chat is opened, and sends with Enter', async () => {
    await preview.show({ scenario: 'conversation/unverified-chat', ...wide }, async (page) => {
      await page.keyboard.type('first');
      await page.keyboard.press('Shift+Enter');
      await page.keyboard.type('second');
      expect(await sent(page)).toEqual([]);
      await page.keyboard.press('Enter');
      expect(await sent(page)).toEqual(['first\nsecond']);
      expect(await page.locator('textarea').inputValue()).toBe('');
    });
  });

  it('does not send what an input method is still composing', async () => {
    await preview.show({ scenario: 'conversation/unverified-chat', ...wide }, async (page) => {
      const session = await page.context().newCDPSession(page);
      await session.send('Input.imeSetComposition', {
        text: 'にほん',
        selectionStart: 3,
        selectionEnd: 3,
      });
      await page.locator('textarea').dispatchEvent('keydown', {
        key: 'Enter',
        keyCode: 229,
        isComposing: true,
        bubbles: true,
        cancelable: true,
      });
      expect(await sent(page)).toEqual([]);
      await session.send('Input.insertText', { text: '日本' });
      await page.keyboard.press('Enter');
      expect(await sent(page)).toEqual(['日本']);
      await session.detach();
    });
  });

  it('takes the words of what is pasted or dropped, never its markup', async () => {
    await preview.show({ scenario: 'conversation/unverified-chat', ...wide }, async (page) => {
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
      await page.evaluate(async () => {
        const as = (type: string, text: string) => new Blob([text], { type });
        const html = as('text/html', '<b>bold words</b><img src="x" alt="picture">');
        const item = { 'text/html': html, 'text/plain': as('text/plain', 'bold words') };
        await navigator.clipboard.write([new ClipboardItem(item)]);
      });
      await page.locator('textarea').focus();
      await page.keyboard.press('Control+v');
      expect(await page.locator('textarea').inputValue()).toBe('bold words');
      expect(await page.locator('main form img, main form b').count()).toBe(0);
    });
  });

  it('stays where it is when a file is dropped: nothing is sent, nothing is opened', async () => {
    await preview.show({ scenario: 'conversation/unverified-chat', ...wide }, async (page) => {
      const url = page.url();
      const refused = await page.evaluate(() => {
        const data = new DataTransfer();
        data.items.add(new File(['secret'], 'notes.txt', { type: 'text/plain' }));
        const drop = new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: data });
        document.querySelector('textarea')?.dispatchEvent(drop);
        const over = new DragEvent('dragover', {
          bubbles: true,
          cancelable: true,
          dataTransfer: data,
        });
        document.querySelector('.scroller')?.dispatchEvent(over);
        return drop.defaultPrevented && over.defaultPrevented;
      });
      expect(refused).toBe(true);
      expect(page.url()).toBe(url);
      expect(await page.getByText('Files cannot be sent off the record yet.').isVisible()).toBe(
        true,
      );
      expect(await sent(page)).toEqual([]);
    });
  });

  it('takes a megabyte without falling over', async () => {
    await preview.show({ scenario: 'conversation/unverified-chat', ...wide }, async (page) => {
      await page.locator('textarea').fill('words '.repeat(170_000));
      await page.keyboard.press('Enter');
      expect((await sent(page)).map(({ length }) => length)).toEqual([1_019_999]);
    });
  });
});

describe('the keyboard alone', () => {
  it('ux:22 starts, asks a question and ends without a mouse', async () => {
    await preview.show({ scenario: 'conversation/unverified-chat', ...wide }, async (page) => {
      await page.keyboard.press('Control+Shift+y');
      await page.getByRole('dialog', { name: 'Verify Bob Lindqvist' }).waitFor();
      await page.getByRole('tab', { name: 'We can talk now' }).focus();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      await page.getByRole('textbox', { name: 'Question' }).focus();
      await page.keyboard.type('Where did we meet?');
      await page.getByRole('textbox', { name: 'Answer' }).focus();
      await page.keyboard.type('Lisbon');
      await page.keyboard.press('Enter');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await page.keyboard.press('Control+Shift+e');
      const dialog = page.getByRole('dialog', { name: 'End off the record with Bob Lindqvist?' });
      await dialog.waitFor();
      expect(await focused(page)).toBe('End and remove');
      await page.keyboard.press('Enter');
      await dialog.waitFor({ state: 'detached' });
      const names = await page.evaluate(() => {
        const main = Reflect.get(globalThis, 'fakeMain') as {
          readonly heard: readonly { readonly name: string }[];
        };
        return main.heard.map(({ name }) => name);
      });
      expect(names).toContain('verification.ask');
      expect(names).toContain('conversation.end');
    });
  });

  it('ux:22 goes round list, chat and panel with F6', async () => {
    await preview.show({ scenario: 'conversation/unverified', ...wide }, async (page) => {
      const region = () =>
        page.evaluate(() => document.activeElement?.closest('nav, main, aside')?.tagName);
      const seen: (string | undefined)[] = [];
      for (let turn = 0; turn < 3; turn += 1) {
        await page.keyboard.press('F6');
        seen.push(await region());
      }
      expect(new Set(seen)).toEqual(new Set(['NAV', 'MAIN', 'ASIDE']));
    });
  });

  it('ux:I-3 stands on "Stay off the record", and Escape stays too', async () => {
    await preview.show({ scenario: 'conversation/confirm-unencrypted', ...wide }, async (page) => {
      expect(await focused(page)).toBe('Stay off the record');
      await page.keyboard.press('Escape');
      await page.getByRole('alertdialog').waitFor({ state: 'detached' });
      expect(await page.locator('textarea').getAttribute('readonly')).not.toBeNull();
    });
  });

  it('ux:22 gives the focus back to what opened a dialog', async () => {
    await preview.show({ scenario: 'conversation/asked', ...wide }, async (page) => {
      await page.getByRole('button', { name: 'Answer…' }).focus();
      await page.keyboard.press('Enter');
      await page.getByRole('dialog').waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      expect(await focused(page)).toBe('Answer…');
    });
  });

  it('ux:23 walks from the list to the chat and back where there is one page at a time', async () => {
    await preview.show({ scenario: 'conversation/unverified-chat', ...narrow }, async (page) => {
      await page.getByRole('button', { name: 'Back to chats' }).click();
      expect(await page.locator('main textarea').count()).toBe(0);
      await page.getByRole('navigation').getByText('Bob Lindqvist').click();
      await page.locator('main textarea').waitFor();
      await page.getByRole('button', { name: /Opens encryption panel/ }).click();
      expect(await page.locator('main textarea').isVisible()).toBe(false);
      await page.getByRole('button', { name: 'Back to chat', exact: true }).click();
      expect(await page.locator('main textarea').isVisible()).toBe(true);
    });
  });
});
