// SPDX-License-Identifier: GPL-3.0-or-later

import type { StateName } from './state-look.ts';

export interface Part {
  readonly tag: 'path' | 'rect' | 'circle';
  readonly attributes: Readonly<Record<string, string>>;
}

export interface Drawing {
  readonly parts: readonly Part[];
  /** Turns once every 2.4 s, unless motion is reduced. */
  readonly ring?: Part;
  /** Shrinks `parts` to make room for the ring. */
  readonly small?: boolean;
}

// Cut-outs take the colour of the surface that the shape lies on.
const KNOCK = 'var(--knock, #fff)';

const path = (d: string, attributes: Readonly<Record<string, string>> = {}): Part => ({
  tag: 'path',
  attributes: { d, ...attributes },
});

const cut = (d: string, width: string): Part => path(d, { stroke: KNOCK, 'stroke-width': width });

const body = (attributes: Readonly<Record<string, string>> = {}): Part => ({
  tag: 'rect',
  attributes: { x: '3.5', y: '10.5', width: '17', height: '11', rx: '2.75', ...attributes },
});

const circle = (r: string, attributes: Readonly<Record<string, string>>): Part => ({
  tag: 'circle',
  attributes: { cx: '18.6', cy: '17.6', r, ...attributes },
});

const openShackle = path('M7.5 10.5V7a4.5 4.5 0 0 1 8.8-1.35');
const closedShackle = path('M7.5 10.5V7a4.5 4.5 0 0 1 9 0v3.5');
const brokenShackle = [
  path('M7.5 10.5V7a4.5 4.5 0 0 1 2.9-4.2'),
  path('m18.3 8.3.75-2.3a3.7 3.7 0 0 0-2.1-4.5'),
] as const;
const outline = body();
const filled = body({ fill: 'currentColor' });
const dotted = body({ 'stroke-dasharray': '.01 3.22', 'stroke-width': '2.1' });
const clock = [
  circle('5.9', { fill: KNOCK, stroke: 'none' }),
  circle('4.5', { fill: KNOCK }),
  path('M18.6 15.3v2.5l1.6 1', { 'stroke-width': '1.5' }),
] as const;

/** Drawn for a grid of 24. Told apart by shape alone at 16 px, in one colour. */
export const stateDrawings: Readonly<Record<StateName, Drawing>> = {
  plain: { parts: [openShackle, outline] },
  'plain-available': { parts: [openShackle, outline, path('M12 13.4v5.2M9.4 16h5.2')] },
  'not-started': { parts: [closedShackle, outline] },
  starting: {
    parts: [closedShackle, outline],
    ring: path('M12 1.2A10.8 10.8 0 1 1 1.9 8.2', { 'stroke-width': '1.6' }),
    small: true,
  },
  unverified: {
    parts: [
      closedShackle,
      dotted,
      path('M10.4 14.5a1.7 1.7 0 1 1 2.45 1.52c-.55.27-.85.62-.85 1.08', { 'stroke-width': '1.6' }),
      path('M12 19.05v.01', { 'stroke-width': '2' }),
    ],
  },
  verified: { parts: [closedShackle, filled, cut('m8.6 16.2 2.4 2.3 4.5-4.8', '2')] },
  mixed: {
    parts: [
      closedShackle,
      filled,
      cut(
        'M7.7 13.2v4.3M13.7 12.6 10 19.4M13.7 16.4c.25-1 2.6-1 2.5.35-.05.95-2.5 1.75-2.5 2.7h2.7',
        '1.45',
      ),
    ],
  },
  'offline-verified': { parts: [closedShackle, filled, ...clock] },
  'offline-unverified': { parts: [closedShackle, dotted, ...clock] },
  waiting: {
    parts: [
      closedShackle,
      outline,
      path('M9.6 13h4.8M9.6 19h4.8M10.2 13c0 1.9 3.6 4.1 3.6 6M13.8 13c0 1.9-3.6 4.1-3.6 6', {
        'stroke-width': '1.4',
      }),
    ],
  },
  'ended-by-peer': { parts: [...brokenShackle, outline] },
  expired: { parts: [...brokenShackle, outline, ...clock] },
  interrupted: {
    parts: [
      closedShackle,
      outline,
      path('m12.9 12.7-2.6 3.5h3.4l-2.6 3.4', { 'stroke-width': '1.6' }),
    ],
  },
  'key-changed': {
    parts: [
      path('M4.2 8V6.1a3.7 3.7 0 0 1 7.2-1.2', { transform: 'translate(.3 .2)' }),
      path('M13.2 5.6 22 20.3a1 1 0 0 1-.9 1.5H4.2a1 1 0 0 1-.9-1.5L11.5 5.6a1 1 0 0 1 1.7 0Z', {
        fill: 'currentColor',
        stroke: KNOCK,
        'stroke-width': '1',
        'paint-order': 'stroke',
      }),
      cut('M12.4 11v4.6M12.4 18.5v.01', '2'),
    ],
  },
  'cannot-encrypt': { parts: [closedShackle, filled, cut('M8 16h8', '2.4')] },
};
