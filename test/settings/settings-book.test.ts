// SPDX-License-Identifier: GPL-3.0-or-later
import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { Settings } from '#shared/model/settings.ts';
import { defaultSettings } from '../../src/main/settings/defaults.ts';
import { readSettings } from '../../src/main/settings/read-settings.ts';
import { createSettingsBook } from '../../src/main/settings/settings-book.ts';
import { newStore } from '../store/fixture.ts';

const changed: Settings = {
  theme: 'dark',
  language: 'de',
  notifications: 'none',
  sendReceipts: false,
  receiptsOffTheRecord: false,
  sendTyping: false,
  enterSends: false,
  startSheetSeen: true,
  rules: { otr: 'always', accept: 'ask', verifiedOnly: true, keep: 'week', liveOnly: true },
};

describe('the default settings', () => {
  it('are settings, and start nothing and show nothing by themselves', () => {
    expect(v.parse(Settings, defaultSettings)).toStrictEqual(defaultSettings);
    expect(defaultSettings.rules).toStrictEqual({
      otr: 'when-asked',
      accept: 'verified',
      verifiedOnly: false,
      keep: 'until-end',
      liveOnly: false,
    });
    expect(defaultSettings.notifications).toBe('generic');
  });
});

describe('readSettings', () => {
  it('gives back what was stored, and the defaults where nothing was', () => {
    expect(readSettings(changed)).toStrictEqual(changed);
    for (const nothing of [undefined, null, 7, 'x', [], {}]) {
      expect(readSettings(nothing)).toStrictEqual(defaultSettings);
    }
  });

  it('loses one field to one bad value, not the others', () => {
    expect(readSettings({ ...changed, theme: 'pink', later: 1 })).toStrictEqual({
      ...changed,
      theme: 'system',
    });
    expect(
      readSettings({ ...changed, rules: { ...changed.rules, otr: 'sometimes' } }),
    ).toStrictEqual({ ...changed, rules: { ...changed.rules, otr: 'when-asked' } });
    expect(readSettings({ ...changed, rules: 7 }).rules).toStrictEqual(defaultSettings.rules);
  });

  it('makes valid settings of anything', () => {
    const value = fc.oneof(
      fc.jsonValue(),
      fc.record(
        { theme: fc.jsonValue(), rules: fc.jsonValue(), enterSends: fc.jsonValue() },
        { requiredKeys: [] },
      ),
    );
    fc.assert(
      fc.property(value, (stored) => {
        expect(v.is(Settings, readSettings(stored))).toBe(true);
      }),
    );
  });

  it('takes nothing from a prototype', () => {
    const stored: unknown = Object.create({ theme: 'dark' });
    expect(readSettings(stored).theme).toBe('system');
  });
});

describe('createSettingsBook', () => {
  it('keeps what was saved over a restart, in the real store', () => {
    const store = newStore();
    const heard: Settings[] = [];
    const open = () =>
      createSettingsBook(
        {
          load: (name) => store.settings.load(name),
          save: (name, value) => {
            store.transaction((tx) => {
              store.settings.save(tx, name, value);
            });
          },
        },
        (settings) => heard.push(settings),
      );
    const book = open();
    expect(book.view()).toStrictEqual(defaultSettings);
    book.save(changed);
    expect(book.view()).toStrictEqual(changed);
    expect(open().view()).toStrictEqual(changed);
    expect(heard).toStrictEqual([changed]);
  });

  it('changes nothing when storing fails, and tells nobody', () => {
    let told = 0;
    const book = createSettingsBook(
      {
        load: () => undefined,
        save: () => {
          throw new Error('SQLITE_FULL');
        },
      },
      () => (told += 1),
    );
    expect(() => {
      book.save(changed);
    }).toThrow('SQLITE_FULL');
    expect(book.view()).toStrictEqual(defaultSettings);
    expect(told).toBe(0);
  });

  it('stores nothing that is no settings', () => {
    let stored = 0;
    const book = createSettingsBook({ load: () => undefined, save: () => (stored += 1) }, () => {
      stored += 1;
    });
    const wrong: unknown = { ...changed, theme: 'pink' };
    expect(() => {
      book.save(wrong as Settings);
    }).toThrow();
    expect(stored).toBe(0);
  });
});
