// SPDX-License-Identifier: GPL-3.0-or-later

import { nativeTheme } from 'electron';

export type Theme = 'system' | 'light' | 'dark';

/** The `frame` of both themes: what a window shows before its first paint. */
const frame = { light: '#F1EFEA', dark: '#1F1E22' } as const;

/** Pages follow: `prefers-color-scheme` answers as the user chose. */
export function applyTheme(theme: Theme): void {
  nativeTheme.themeSource = theme;
}

export function frameColor(): string {
  return nativeTheme.shouldUseDarkColors ? frame.dark : frame.light;
}
