// SPDX-License-Identifier: GPL-3.0-or-later

import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import * as v from 'valibot';
import { Language } from '#shared/model/settings.ts';

export interface LanguageFile {
  readonly load: () => Language;
  readonly save: (language: Language) => void;
}

/** More than any language needs. */
const MOST_CHARACTERS = 16;

/**
 * The chosen language once more, outside the sealed store: whoever is asked for the passphrase is
 * asked in it. It says nothing that the window does not. A failure to write is no failure: the next
 * start then speaks the system's language until the store is open.
 */
export function createLanguageFile(path: string): LanguageFile {
  return {
    load: () => {
      try {
        const text = readFileSync(path, 'utf8');
        return v.parse(Language, text.length > MOST_CHARACTERS ? '' : text.trim());
      } catch {
        return 'system';
      }
    },
    save: (language) => {
      try {
        writeFileSync(`${path}.new`, `${language}\n`, { mode: 0o600 });
        renameSync(`${path}.new`, path);
      } catch {
        // A full or read-only disk.
      }
    },
  };
}
