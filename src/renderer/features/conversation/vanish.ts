// SPDX-License-Identifier: GPL-3.0-or-later

const VANISH_MS = 200;
const EASE_OUT = 'cubic-bezier(0.4, 0, 1, 1)';

const prefersStillness = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches;

/**
 * Lets what is about to leave the page fade where it stood, as an inert copy that nobody can read
 * aloud or reach. With reduced motion it is simply gone.
 */
export async function fadeCopies(elements: readonly HTMLElement[]): Promise<void> {
  if (prefersStillness()) return;
  await Promise.all(elements.map(fadeCopy));
}

async function fadeCopy(element: HTMLElement): Promise<void> {
  const copy = element.cloneNode(true);
  if (!(copy instanceof HTMLElement)) return;
  copy.inert = true;
  copy.ariaHidden = 'true';
  delete copy.dataset.key;
  element.after(copy);
  try {
    await copy.animate([{ opacity: 1 }, { opacity: 0 }], {
      duration: VANISH_MS,
      easing: EASE_OUT,
      fill: 'forwards',
    }).finished;
  } finally {
    copy.remove();
  }
}
