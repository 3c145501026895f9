// SPDX-License-Identifier: GPL-3.0-or-later

import { computed, type WritableComputedRef } from 'vue';
import type { Rules } from '#shared/model/rules.ts';
import type { Settings } from '#shared/model/settings.ts';
import { useSettings } from '../../stores/settings.ts';

/** One setting as a model for a control: what it is now, and saving what is chosen. */
export function useSetting<Name extends keyof Settings>(
  name: Name,
  before: Settings[Name],
): WritableComputedRef<Settings[Name]> {
  const settings = useSettings();
  return computed({
    get: () => settings.view?.[name] ?? before,
    set: (value) => void settings.save({ [name]: value }),
  });
}

/** The same for one of the rules that hold for contacts without their own. */
export function useRule<Name extends keyof Rules>(
  name: Name,
  before: Rules[Name],
): WritableComputedRef<Rules[Name]> {
  const settings = useSettings();
  return computed({
    get: () => settings.view?.rules[name] ?? before,
    set: (value) => {
      const { view } = settings;
      if (view !== undefined) void settings.save({ rules: { ...view.rules, [name]: value } });
    },
  });
}
