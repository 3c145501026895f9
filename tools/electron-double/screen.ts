// SPDX-License-Identifier: GPL-3.0-or-later
import { EventEmitter } from 'node:events';

const bounds: Electron.Rectangle = { x: 0, y: 0, width: 1920, height: 1080 };

/** The one display of the double, whatever X server is behind it. */
export const display: Electron.Display = {
  accelerometerSupport: 'unavailable',
  bounds,
  colorDepth: 24,
  colorSpace: 'srgb',
  depthPerComponent: 8,
  detected: true,
  displayFrequency: 60,
  id: 1,
  internal: false,
  label: 'electron double',
  maximumCursorSize: { width: 64, height: 64 },
  monochrome: false,
  nativeOrigin: { x: 0, y: 0 },
  rotation: 0,
  scaleFactor: 1,
  size: { width: bounds.width, height: bounds.height },
  touchSupport: 'unavailable',
  workArea: bounds,
  workAreaSize: { width: bounds.width, height: bounds.height },
};

type Implemented = Pick<
  Electron.Screen,
  | 'getAllDisplays'
  | 'getCursorScreenPoint'
  | 'getDisplayMatching'
  | 'getDisplayNearestPoint'
  | 'getPrimaryDisplay'
>;

export class Screen extends EventEmitter implements Implemented {
  getPrimaryDisplay(): Electron.Display {
    return display;
  }

  getAllDisplays(): Electron.Display[] {
    return [display];
  }

  getDisplayMatching(): Electron.Display {
    return display;
  }

  getDisplayNearestPoint(): Electron.Display {
    return display;
  }

  getCursorScreenPoint(): Electron.Point {
    return { x: 0, y: 0 };
  }
}
