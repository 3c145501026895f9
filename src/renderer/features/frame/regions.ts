// SPDX-License-Identifier: GPL-3.0-or-later

const REGIONS = 'nav, main, aside';
const FOCUSABLE =
  'a[href], button:not(:disabled), input:not(:disabled), textarea:not(:disabled), select:not(:disabled), [tabindex]:not([tabindex="-1"])';

const visible = (element: Element): boolean => element.getClientRects().length > 0;

/** F6: to the first control of the next part of the window, round and round. */
export function focusRegion(by: 1 | -1): void {
  const regions = [...document.querySelectorAll(REGIONS)].filter(visible);
  if (regions.length === 0) return;
  const at = regions.findIndex((region) => region.contains(document.activeElement));
  const next = at === -1 ? 0 : (at + by + regions.length) % regions.length;
  const region = regions[next];
  const marked = region?.querySelector<HTMLElement>('[data-region-focus]');
  const first = [...(region?.querySelectorAll<HTMLElement>(FOCUSABLE) ?? [])].find(visible);
  (marked ?? first)?.focus();
}
