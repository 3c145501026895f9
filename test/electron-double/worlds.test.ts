// SPDX-License-Identifier: GPL-3.0-or-later
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { start, until, type Started } from './support/launch.ts';

let started: Started;
beforeAll(async () => {
  started = await start();
});
afterAll(async () => {
  await started.stop();
});
const inPage = (code: string): Promise<unknown> => started.page.evaluate(code);

describe('the page world', () => {
  it('holds nothing of Node, of Electron or of the double', async () => {
    const found = await inPage(`['require', 'process', 'Buffer', 'global', 'module', 'electron',
      'ipcRenderer', 'createBridge', 'installWindowOpen', '__electronDoubleSend',
      '__electronDoubleReceive', 'runtime', 'post', 'send'].filter((name) => name in window)`);
    expect(found).toEqual([]);
  });

  it('is told that the preload is sandboxed', async () => {
    expect(await inPage('api.process')).toEqual({
      sandboxed: true,
      type: 'renderer',
      electron: '45.4.1',
    });
  });

  it('cannot reach into the preload by changing prototypes', async () => {
    const result = await inPage(`(() => {
      const before = Array.prototype.map;
      Array.prototype.map = () => ['stolen'];
      Array.prototype.map = before;
      Object.prototype.toString.call = () => 'stolen';
      return api.describe([]);
    })()`);
    expect(result).toBe('[object Array]');
  });
});

describe('contextBridge', () => {
  it('exposes a frozen object that cannot be replaced', async () => {
    const result = await inPage(`(() => {
      'use strict';
      const attempt = (change) => { try { change(); return 'changed'; } catch { return 'refused'; } };
      return [
        Object.isFrozen(api), Object.isFrozen(api.words.nested), Object.isFrozen(api.words.nested[1]),
        attempt(() => { api.echo = 1; }), attempt(() => { window.api = 1; }), attempt(() => { delete window.api; }),
      ];
    })()`);
    expect(result).toEqual([true, true, true, 'refused', 'refused', 'refused']);
  });

  it('calls functions both ways and returns at once', async () => {
    expect(await inPage('api.twice(21)')).toBe(42);
    expect(await inPage(`(api.remember((a, b) => a + b), api.callBack(2, 3))`)).toBe(5);
  });

  it('carries errors with their message', async () => {
    const caught = `(() => { try { api.throwing(); } catch (error) { return [error instanceof Error, error.name, error.message]; } })()`;
    expect(await inPage(caught)).toEqual([true, 'TypeError', 'from the preload']);
    const back = `(() => { api.remember(() => { throw new RangeError('from the page'); }); try { api.callBack(); } catch (error) { return error.message; } })()`;
    expect(await inPage(back)).toBe('from the page');
  });

  it('carries promises that resolve and reject', async () => {
    expect(await inPage(`api.later('x')`)).toEqual({ value: 'x', at: 'later' });
    const rejected = `(api.remember(() => Promise.reject(new Error('no'))), api.callBack().catch((error) => error.message))`;
    expect(await inPage(rejected)).toBe('no');
  });

  it('carries typed arrays', async () => {
    const result = `(() => { const bytes = api.bytes(); return [bytes instanceof Uint8Array, [...bytes]]; })()`;
    expect(await inPage(result)).toEqual([true, [1, 2, 3]]);
    expect(await inPage('api.describe(new Uint8Array(2))')).toBe('[object Uint8Array]');
  });

  it('refuses what cannot be cloned', async () => {
    const attempt = `(() => { try { api.describe(document.body); return 'passed'; } catch (error) { return error.name; } })()`;
    expect(await inPage(attempt)).toBe('DataCloneError');
  });
});

describe('ipc', () => {
  it('echoes what structured clone carries', async () => {
    const kept = await inPage(`api.echo({ undefined, big: 5n, nan: NaN, date: new Date(7),
      map: new Map([['k', new Set([1])]]), bytes: new Uint16Array([513]), $: 'tag', list: [, 1],
      error: new TypeError('t') }).then((v) => [
        'undefined' in v && v.undefined === undefined, v.big === 5n, Number.isNaN(v.nan), v.date.getTime(),
        v.map.get('k').has(1), v.bytes instanceof Uint16Array && v.bytes[0], v.$, v.list.length,
        v.error.name, v.error.message])`);
    expect(kept).toEqual([true, true, true, 7, true, 513, 'tag', 2, 'TypeError', 't']);
  });

  it('tells the handler which frame asked', async () => {
    expect(await inPage('api.sender()')).toEqual({
      url: 'app://bundle/index.html',
      origin: 'app://bundle',
      isMainFrame: true,
      isWindow: true,
    });
  });

  it('rejects with the name and message of what the handler threw', async () => {
    const message = await inPage('api.fail().catch((error) => error.message)');
    expect(message).toBe("Error invoking remote method 'fail': RangeError: no luck");
  });

  it('delivers one-way messages in both directions and can be unsubscribed', async () => {
    await inPage(`api.note({ n: 1 })`);
    await until(async () => {
      expect((await started.seen()).senders).toEqual([[{ n: 1 }, 'app://bundle/index.html']]);
    });
    await inPage(
      `void (window.news = [], window.stop = api.subscribe((...args) => news.push(args)))`,
    );
    const send = (word: string): Promise<void> =>
      started.app.evaluate(({ BrowserWindow }, said) => {
        BrowserWindow.getAllWindows()[0]?.webContents.send('news', said, new Uint8Array([9]));
      }, word);
    await send('first');
    await until(async () => {
      expect(await inPage('news.map(([word, bytes]) => [word, bytes[0]])')).toEqual([['first', 9]]);
    });
    await inPage('stop()');
    await send('second');
    expect(await inPage('api.echo(1).then(() => news.length)')).toBe(1);
  });
});
