// SPDX-License-Identifier: GPL-3.0-or-later

import { powerMonitor } from 'electron';

export interface PowerListeners {
  readonly onSuspend: () => void;
  readonly onResume: () => void;
  /** The user locked the screen, or left it. */
  readonly onScreenLocked: () => void;
}

/** After `ready`. */
export function watchPower({ onSuspend, onResume, onScreenLocked }: PowerListeners): void {
  powerMonitor.on('suspend', onSuspend);
  powerMonitor.on('resume', onResume);
  powerMonitor.on('lock-screen', onScreenLocked);
}

/** Whole seconds since the user last touched anything. */
export function idleSeconds(): number {
  return powerMonitor.getSystemIdleTime();
}
