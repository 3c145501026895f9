// SPDX-License-Identifier: GPL-3.0-or-later

export interface Bounds {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where the window was, in device-independent pixels. `bounds` are those of the unmaximised window. */
export interface WindowState {
  readonly bounds: Bounds;
  readonly maximized: boolean;
}

/** How a window opens; without a position the system chooses one. */
export interface WindowPlacement {
  readonly x?: number;
  readonly y?: number;
  readonly width: number;
  readonly height: number;
  readonly maximized: boolean;
}

export const MIN_SIZE = { width: 360, height: 480 } as const;
export const DEFAULT_SIZE = { width: 1280, height: 800 } as const;

/** So much of the window's upper edge must be on some screen for it to be taken hold of. */
const VISIBLE = { width: 120, height: 32 } as const;

/** Fits a remembered window to the screens of today: never lost, never larger than they are. */
export function placeWindow(
  state: WindowState | undefined,
  workAreas: readonly Bounds[],
): WindowPlacement {
  const maximized = state?.maximized ?? false;
  const bounds = state?.bounds;
  const home = workAreas.find((area) => bounds !== undefined && shows(area, bounds));
  const size = fitSize(bounds ?? DEFAULT_SIZE, home ?? workAreas[0]);
  if (bounds === undefined || home === undefined) return { ...size, maximized };
  return { x: bounds.x, y: bounds.y, ...size, maximized };
}

type Size = Pick<Bounds, 'width' | 'height'>;

function fitSize(wanted: Size, largest: Size = wanted): Size {
  return {
    width: Math.max(MIN_SIZE.width, Math.min(wanted.width, largest.width)),
    height: Math.max(MIN_SIZE.height, Math.min(wanted.height, largest.height)),
  };
}

function shows(area: Bounds, { x, y, width }: Bounds): boolean {
  const left = Math.max(area.x, x);
  const right = Math.min(area.x + area.width, x + width);
  const isBelowTop = y >= area.y;
  return right - left >= VISIBLE.width && isBelowTop && y + VISIBLE.height <= area.y + area.height;
}

/** Reads what an earlier run has written, or something else has. */
export function parseWindowState(text: string): WindowState | undefined {
  try {
    const { bounds, maximized } = JSON.parse(text) as Partial<WindowState>;
    const { x, y, width, height } = bounds ?? {};
    const isWhole = [x, y, width, height].every(
      (each) => Number.isSafeInteger(each) && Math.abs(Number(each)) <= MAX_COORDINATE,
    );
    if (!isWhole || typeof maximized !== 'boolean') return undefined;
    const numbers = { x: Number(x), y: Number(y), width: Number(width), height: Number(height) };
    return { bounds: numbers, maximized };
  } catch {
    return undefined;
  }
}

/** No desktop is larger; protects the arithmetic above. */
const MAX_COORDINATE = 100_000;

export function formatWindowState(state: WindowState): string {
  return JSON.stringify(state);
}
