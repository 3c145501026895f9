// SPDX-License-Identifier: GPL-3.0-or-later
import * as v from 'valibot';
import { Settings } from '#shared/model/settings.ts';
import { readSettings } from './read-settings.ts';

/** Where settings are kept: one JSON value under a name. */
export interface SettingsStorage {
  readonly load: (name: string) => unknown;
  readonly save: (name: string, value: object) => void;
}

export interface SettingsBook {
  readonly view: () => Settings;
  /** Stores first; who listens hears of what is stored. Throws on what is no settings: a bug. */
  readonly save: (settings: Settings) => void;
}

const NAME = 'settings';

export function createSettingsBook(
  storage: SettingsStorage,
  changed: (settings: Settings) => void,
): SettingsBook {
  let current = readSettings(storage.load(NAME));
  return {
    view: () => current,
    save: (settings) => {
      const next = v.parse(Settings, settings);
      storage.save(NAME, next);
      current = next;
      changed(next);
    },
  };
}
