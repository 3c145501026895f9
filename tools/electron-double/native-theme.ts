// SPDX-License-Identifier: GPL-3.0-or-later
import { EventEmitter } from 'node:events';
import { host } from './host.ts';

type Theme = Electron.NativeTheme['themeSource'];
type Implemented = Pick<
  Electron.NativeTheme,
  | 'inForcedColorsMode'
  | 'prefersReducedTransparency'
  | 'shouldUseDarkColors'
  | 'shouldUseHighContrastColors'
  | 'shouldUseInvertedColorScheme'
  | 'themeSource'
>;

/** `nativeTheme`; the system's own choice is ELECTRON_DOUBLE_SYSTEM_THEME=dark or light. */
export class NativeTheme extends EventEmitter implements Implemented {
  readonly inForcedColorsMode = false;
  readonly prefersReducedTransparency = false;
  readonly shouldUseHighContrastColors = false;
  readonly shouldUseInvertedColorScheme = false;
  #source: Theme = 'system';

  get themeSource(): Theme {
    return this.#source;
  }

  set themeSource(source: Theme) {
    if (!['system', 'light', 'dark'].includes(source)) {
      throw new TypeError('themeSource is one of system, light and dark');
    }
    if (source === this.#source) return;
    this.#source = source;
    for (const contents of host().contents.all) contents.emulateColorScheme(this.emulated);
    this.emit('updated');
  }

  get shouldUseDarkColors(): boolean {
    return this.emulated === 'dark';
  }

  /** What pages are told; undefined leaves them to Chromium. */
  get emulated(): 'light' | 'dark' | undefined {
    if (this.#source !== 'system') return this.#source;
    const system = process.env.ELECTRON_DOUBLE_SYSTEM_THEME;
    return system === 'dark' || system === 'light' ? system : undefined;
  }
}
