// SPDX-License-Identifier: GPL-3.0-or-later
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { toLocale } from '#shared/i18n/locale.ts';
import { createSpeech } from '#main/settings/speech.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-language-'));
  path = join(folder, 'language');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const speak = (system: readonly string[], changed = vi.fn()) => ({
  speech: createSpeech(system, path, changed),
  changed,
});

describe('the language', () => {
  it('ux:23 is the first of the system that Sotto speaks, whatever the region', () => {
    expect(toLocale(['de-AT', 'en-US'])).toBe('de');
    expect(toLocale(['fr-FR', 'DE_CH.UTF-8', 'en'])).toBe('de');
    expect(toLocale(['nl', 'en-GB', 'de'])).toBe('en');
    expect(toLocale(['den', 'x', ''])).toBe('en');
    expect(toLocale([])).toBe('en');
  });

  it('ux:23 changes at once when it is chosen, and is told once', () => {
    const { speech, changed } = speak(['en-GB']);
    expect(speech.locale()).toBe('en');
    speech.choose('de');
    speech.choose('de');
    expect(speech.locale()).toBe('de');
    expect(changed.mock.calls).toEqual([['de']]);
  });

  it('tells nobody when the system says the same', () => {
    const { speech, changed } = speak(['de-DE']);
    speech.choose('de');
    speech.choose('system');
    expect(changed).not.toHaveBeenCalled();
    expect(speech.locale()).toBe('de');
  });

  it('is known at the next start, before anything is unlocked', () => {
    speak(['en-GB']).speech.choose('de');
    expect(readFileSync(path, 'utf8')).toBe('de\n');
    expect(speak(['en-GB']).speech.locale()).toBe('de');
  });

  it('is the language of the system where the file is missing, damaged or cannot be written', () => {
    for (const damaged of ['tlh', '', 'de'.repeat(5000), '\0']) {
      writeFileSync(path, damaged);
      expect(speak(['de']).speech.locale()).toBe('de');
    }
    const speech = createSpeech(['en'], join(folder, 'none', 'language'), vi.fn());
    speech.choose('de');
    expect(speech.locale()).toBe('de');
  });
});
