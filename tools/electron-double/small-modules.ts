// SPDX-License-Identifier: GPL-3.0-or-later
import { EventEmitter } from 'node:events';

/** Modules of Electron that need only a few words here. */
export class PowerSaveBlocker implements Electron.PowerSaveBlocker {
  readonly #active = new Set<number>();
  #lastId = 0;

  start(): number {
    this.#active.add(++this.#lastId);
    return this.#lastId;
  }

  stop(id: number): boolean {
    return this.#active.delete(id);
  }

  isStarted(id: number): boolean {
    return this.#active.has(id);
  }
}

export class GlobalShortcut implements Pick<
  Electron.GlobalShortcut,
  'isRegistered' | 'register' | 'unregister' | 'unregisterAll'
> {
  readonly #callbacks = new Map<string, () => void>();

  register(accelerator: string, callback: () => void): boolean {
    this.#callbacks.set(accelerator, callback);
    return true;
  }

  isRegistered(accelerator: string): boolean {
    return this.#callbacks.has(accelerator);
  }

  unregister(accelerator: string): void {
    this.#callbacks.delete(accelerator);
  }

  unregisterAll(): void {
    this.#callbacks.clear();
  }
}

export class SystemPreferences
  extends EventEmitter
  implements Pick<Electron.SystemPreferences, 'getAnimationSettings'>
{
  getAnimationSettings(): Electron.AnimationSettings {
    return {
      prefersReducedMotion: false,
      scrollAnimationsEnabledBySystem: true,
      shouldRenderRichAnimation: true,
    };
  }
}

export const net = {
  online: true,
  isOnline: () => true,
} satisfies Pick<Electron.Net, 'isOnline' | 'online'>;

export const crashReporter = {
  start: () => {
    throw new Error('electron double: there is no crash reporter');
  },
} satisfies Pick<Electron.CrashReporter, 'start'>;
