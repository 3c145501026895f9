// SPDX-License-Identifier: GPL-3.0-or-later
// Brings in the global namespace `Electron` that every piece of the double is checked against.
import type {} from 'electron';

/** An Electron event with its parameters; `preventDefault` can be told apart afterwards. */
export function createEvent<Params extends object = object>(
  params?: Params,
): Electron.Event<Params> {
  let prevented = false;
  const event = {
    preventDefault: () => {
      prevented = true;
    },
    get defaultPrevented() {
      return prevented;
    },
  };
  return Object.defineProperties(
    event,
    Object.getOwnPropertyDescriptors(params ?? {}),
  ) as Electron.Event<Params>;
}
