// SPDX-License-Identifier: GPL-3.0-or-later
import * as v from 'valibot';
import { Rules } from '#shared/model/rules.ts';
import { Settings } from '#shared/model/settings.ts';
import { defaultSettings } from './defaults.ts';

/**
 * Makes settings out of whatever was stored, field by field: what is missing, unknown or no longer
 * valid costs that field alone, and unknown fields of a later version are left out.
 */
export function readSettings(stored: unknown): Settings {
  return {
    ...readFields(v.omit(Settings, ['rules']).entries, stored, defaultSettings),
    rules: readFields(Rules.entries, field(stored, 'rules'), defaultSettings.rules),
  };
}

type Entries = Readonly<Record<string, v.GenericSchema>>;
type Fields<E extends Entries> = { readonly [Name in keyof E]: v.InferOutput<E[Name]> };

function readFields<E extends Entries>(
  entries: E,
  stored: unknown,
  defaults: Fields<E>,
): Fields<E> {
  const read = Object.entries(entries).map(([name, schema]): [string, unknown] => {
    const parsed = v.safeParse(schema, field(stored, name));
    return [name, parsed.success ? parsed.output : defaults[name]];
  });
  return Object.fromEntries(read) as Fields<E>;
}

function field(stored: unknown, name: string): unknown {
  if (typeof stored !== 'object' || stored === null || !Object.hasOwn(stored, name))
    return undefined;
  return (stored as Readonly<Record<string, unknown>>)[name];
}
