// SPDX-License-Identifier: GPL-3.0-or-later
import { EventEmitter } from 'node:events';

type Implemented = Pick<
  Electron.PowerMonitor,
  | 'getCurrentThermalState'
  | 'getSystemIdleState'
  | 'getSystemIdleTime'
  | 'isOnBatteryPower'
  | 'onBatteryPower'
>;

/** `powerMonitor`: a test sets `idleSeconds` and emits `suspend`, `resume`, `lock-screen`. */
export class PowerMonitor extends EventEmitter implements Implemented {
  onBatteryPower = false;
  idleSeconds = 0;

  getSystemIdleTime(): number {
    return this.idleSeconds;
  }

  getSystemIdleState(idleThreshold: number): 'active' | 'idle' {
    return this.idleSeconds >= idleThreshold ? 'idle' : 'active';
  }

  getCurrentThermalState(): 'nominal' {
    return 'nominal';
  }

  isOnBatteryPower(): boolean {
    return this.onBatteryPower;
  }
}
