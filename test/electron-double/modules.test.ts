// SPDX-License-Identifier: GPL-3.0-or-later
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Rectangle } from 'electron';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { start, until, type Started } from './support/launch.ts';

let started: Started;
beforeAll(async () => {
  started = await start({ ELECTRON_DOUBLE_LOCALE: 'de-DE' });
});
afterAll(async () => {
  await started.stop();
});

const setBackend = (backend: string | undefined): Promise<void> =>
  started.app.evaluate((_electron, value) => {
    if (value === undefined) delete process.env.ELECTRON_DOUBLE_SAFE_STORAGE;
    else process.env.ELECTRON_DOUBLE_SAFE_STORAGE = value;
  }, backend);
const seal = (text: string): Promise<readonly number[]> =>
  started.app.evaluate(
    async ({ safeStorage }, plain) => [...(await safeStorage.encryptStringAsync(plain))],
    text,
  );
const open = (sealed: readonly number[]): Promise<string> =>
  started.app.evaluate(async ({ safeStorage }, bytes) => {
    try {
      return (await safeStorage.decryptStringAsync(Buffer.from(bytes))).result;
    } catch (error) {
      return String(error);
    }
  }, sealed);
const describeStorage = (): Promise<readonly unknown[]> =>
  started.app.evaluate(async ({ safeStorage }) => [
    safeStorage.getSelectedStorageBackend(),
    await safeStorage.isAsyncEncryptionAvailable(),
    // Of the synchronous calls, which go with the next Electron, the one that others ask first.
    (safeStorage as unknown as { isEncryptionAvailable: () => boolean }).isEncryptionAvailable(),
  ]);

describe('safeStorage', () => {
  afterAll(() => setBackend(undefined));

  it('seals with a key of the keyring and opens again', async () => {
    const sealed = await seal('a secret ü');
    expect(Buffer.from(sealed).toString('latin1')).not.toContain('secret');
    expect(await open(sealed)).toBe('a secret ü');
    expect(await seal('a secret ü')).not.toEqual(sealed);
    const changed = sealed.with(20, (sealed[20] ?? 0) ^ 1);
    expect(await open(changed)).toContain('Error while decrypting');
  });

  it('opens nothing that another backend has sealed', async () => {
    const sealed = await seal('kept');
    await setBackend('kwallet6');
    expect(await open(sealed)).toContain('Error while decrypting');
    await setBackend('gnome_libsecret');
    expect(await open(sealed)).toBe('kept');
  });

  it.each([
    ['gnome_libsecret', ['gnome_libsecret', true, true]],
    ['kwallet5', ['kwallet5', true, true]],
    ['basic_text', ['basic_text', true, false]],
    ['none', ['basic_text', false, false]],
    ['locked', ['gnome_libsecret', false, true]],
  ])('says what it stands on with %s', async (backend, expected) => {
    await setBackend(backend);
    expect(await describeStorage()).toEqual(expected);
  });

  it('seals nothing where there is no keyring', async () => {
    await setBackend('none');
    await expect(seal('x')).rejects.toThrow('not available');
  });
});

describe('recorders', () => {
  it('answer dialogs as told, else as dismissed, and list them', async () => {
    const result = await started.app.evaluate(async ({ dialog }) => {
      const recorder = dialog as unknown as { shown: { kind: string }[]; answers: object[] };
      const asked = { message: 'Sure?', buttons: ['Yes', 'No'], cancelId: 1 };
      const dismissed = await dialog.showMessageBox(asked);
      recorder.answers.push({ response: 0, checkboxChecked: true });
      const answered = await dialog.showMessageBox(asked);
      const file = await dialog.showOpenDialog({ properties: ['openFile'] });
      dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath: '/tmp/chosen' });
      const saved = await dialog.showSaveDialog({});
      return [dismissed, answered, file, saved, recorder.shown.map(({ kind }) => kind)];
    });
    expect(result).toEqual([
      { response: 1, checkboxChecked: false },
      { response: 0, checkboxChecked: true },
      { canceled: true, filePaths: [] },
      { canceled: false, filePath: '/tmp/chosen' },
      ['message', 'message', 'open'],
    ]);
  });

  it('keep what was opened, copied and announced', async () => {
    const result = await started.app.evaluate(async ({ shell, clipboard, Notification }) => {
      await shell.openExternal('https://example.org/');
      await clipboard.writeText('copied');
      const notification = new Notification({ title: 'New message' });
      let clicks = 0;
      notification.on('click', () => (clicks += 1));
      notification.show();
      notification.emit('click', {});
      const shown = (Notification as unknown as { shown: { title: string; body: string }[] }).shown;
      return [
        (shell as unknown as { opened: string[] }).opened,
        await clipboard.readText(),
        shown.map(({ title, body }) => [title, body]),
        clicks,
      ];
    });
    expect(result).toEqual([['https://example.org/'], 'copied', [['New message', '']], 1]);
  });

  it('keep menus with their accelerators, and items can be clicked', async () => {
    const result = await started.app.evaluate(({ Menu }) => {
      const clicked: string[] = [];
      const template = [
        {
          label: 'File',
          submenu: [
            {
              id: 'settings',
              label: 'Settings',
              accelerator: 'CmdOrCtrl+,',
              click: (item: { label: string }) => clicked.push(item.label),
            },
            { id: 'off', label: 'Off', enabled: false, click: () => clicked.push('off') },
            { id: 'check', label: 'Check', type: 'checkbox' as const },
          ],
        },
      ];
      Menu.setApplicationMenu(Menu.buildFromTemplate(template));
      const menu = Menu.getApplicationMenu();
      const item = (id: string) => menu?.getMenuItemById(id);
      for (const id of ['settings', 'off', 'check']) item(id)?.click();
      return [clicked, item('settings')?.accelerator, item('check')?.checked, item('none') ?? null];
    });
    expect(result).toEqual([['Settings'], 'CmdOrCtrl+,', true, null]);
  });

  it('keep tray icons while they exist', async () => {
    const result = await started.app.evaluate(({ Tray, nativeImage }) => {
      const tray = new Tray(nativeImage.createEmpty());
      tray.setToolTip('2 unread');
      const all = (Tray as unknown as { all: { toolTip: string }[] }).all;
      const before = all.map(({ toolTip }) => toolTip);
      tray.destroy();
      return [before, all.length, tray.isDestroyed()];
    });
    expect(result).toEqual([['2 unread'], 0, true]);
  });
});

describe('nativeTheme', () => {
  const isDark = (): Promise<boolean> =>
    started.page.evaluate('matchMedia("(prefers-color-scheme: dark)").matches');

  it('drives what the page prefers, also after it loads anew', async () => {
    const choose = (theme: 'system' | 'light' | 'dark'): Promise<boolean> =>
      started.app.evaluate(({ nativeTheme }, value) => {
        nativeTheme.themeSource = value;
        return nativeTheme.shouldUseDarkColors;
      }, theme);
    expect(await isDark()).toBe(false);
    expect(await choose('dark')).toBe(true);
    await until(async () => {
      expect(await isDark()).toBe(true);
    });
    await started.app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]?.loadURL('app://bundle/other.html'),
    );
    await until(async () => {
      expect(await isDark()).toBe(true);
    });
    expect(await choose('light')).toBe(false);
    await until(async () => {
      expect(await isDark()).toBe(false);
    });
  });
});

describe('windows', () => {
  const setBounds = (bounds: Partial<Rectangle>): Promise<Rectangle | undefined> =>
    started.app.evaluate(({ BrowserWindow }, wanted) => {
      const [window] = BrowserWindow.getAllWindows();
      window?.setBounds(wanted);
      return window?.getBounds();
    }, bounds);

  it('give the page exactly their size and never less than the minimum', async () => {
    const size = (): Promise<unknown> => started.page.evaluate('[innerWidth, innerHeight]');
    expect(await size()).toEqual([900, 640]);
    const bounds = await setBounds({ x: 5, y: 6, width: 100, height: 500 });
    expect(bounds).toEqual({ x: 5, y: 6, width: 360, height: 500 });
    await until(async () => {
      expect(await size()).toEqual([360, 500]);
    });
  });

  it('remember their normal bounds while they are maximised', async () => {
    const bounds = { x: 5, y: 6, width: 700, height: 500 };
    await setBounds(bounds);
    const result = await started.app.evaluate(({ BrowserWindow }) => {
      const [window] = BrowserWindow.getAllWindows();
      window?.maximize();
      const wide = window?.getBounds().width ?? 0;
      const normal = window?.getNormalBounds();
      const wasMaximized = window?.isMaximized();
      window?.unmaximize();
      return [wasMaximized, wide > 700, normal, window?.getBounds()];
    });
    expect(result).toEqual([true, true, bounds, bounds]);
  });

  it('are found by their page', async () => {
    const window = await started.app.browserWindow(started.page);
    const isFirst = await started.app.evaluate(
      ({ BrowserWindow }, found) => BrowserWindow.getAllWindows()[0] === found,
      window,
    );
    expect(isFirst).toBe(true);
  });

  it('stay open when closing is prevented', async () => {
    const result = await started.app.evaluate(({ BrowserWindow }) => {
      const [window] = BrowserWindow.getAllWindows();
      window?.once('close', (event) => {
        event.preventDefault();
      });
      window?.close();
      return [window?.isDestroyed(), BrowserWindow.getAllWindows().length];
    });
    expect(result).toEqual([false, 1]);
  });
});

describe('app', () => {
  it('knows its package, its locale and its folders', async () => {
    const result = await started.app.evaluate(({ app }) => [
      app.getName(),
      app.getVersion(),
      app.isPackaged,
      app.getLocale(),
      app.getPath('userData'),
      app.getPath('logs'),
    ]);
    const { profile } = started;
    const folders = [profile, join(profile, 'logs')];
    expect(result).toEqual(['Double Fixture', '7.8.9', false, 'de-DE', ...folders]);
    expect(await started.page.evaluate('navigator.language')).toBe('de-DE');
  });

  it('keeps Chromium out of the profile', () => {
    expect(existsSync(join(started.profile, 'Default'))).toBe(false);
  });
});
