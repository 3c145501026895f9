// SPDX-License-Identifier: GPL-3.0-or-later

/** On opening: moves the focus to what is marked `data-autofocus`, if anything is. */
export function focusMarked(event: Event): void {
  const { target } = event;
  if (!(target instanceof HTMLElement)) return;
  const marked = target.querySelector<HTMLElement>('[data-autofocus]');
  if (marked === null) return;
  const inner = marked.matches('input, textarea, button, select')
    ? marked
    : marked.querySelector<HTMLElement>('input, textarea, button, select');
  if (inner === null) return;
  event.preventDefault();
  inner.focus();
}
