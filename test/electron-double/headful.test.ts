// SPDX-License-Identifier: GPL-3.0-or-later
import { spawn, type ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { start, until, type Started } from './support/launch.ts';

let screen: ChildProcess;
let started: Started;

/** An X server on a display number of its own choice. */
async function startScreen(): Promise<string> {
  screen = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1300x900x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  return new Promise((resolve, reject) => {
    screen.once('error', reject);
    (screen.stdio[3] as Readable).once('data', (number: Buffer) => {
      resolve(`:${number.toString().trim()}`);
    });
  });
}

beforeAll(async () => {
  const display = await startScreen();
  started = await start({ ELECTRON_DOUBLE_HEADFUL: '1', DISPLAY: display });
});
afterAll(async () => {
  await started.stop();
  screen.kill();
});

it('shows the application in a window of its own, without tabs and address bar', async () => {
  const outer = (): Promise<unknown> =>
    started.page.evaluate('[innerWidth, innerHeight, outerWidth - innerWidth]');
  await until(async () => {
    expect(await outer()).toEqual([900, 640, 0]);
  });
  expect(await started.page.evaluate('outerHeight - innerHeight')).toBeLessThan(40);
});

it('is resized by main, and tells main of its size', async () => {
  const size = await started.app.evaluate(({ BrowserWindow }) => {
    const [window] = BrowserWindow.getAllWindows();
    window?.setSize(700, 500);
    return window?.getSize();
  });
  expect(size).toEqual([700, 500]);
  await until(async () => {
    expect(await started.page.evaluate('[innerWidth, innerHeight]')).toEqual([700, 500]);
  });
});

it('takes keys and answers calls as without a screen', async () => {
  expect(await started.page.evaluate('api.sender()')).toMatchObject({ origin: 'app://bundle' });
});
