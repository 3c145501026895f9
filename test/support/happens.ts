// SPDX-License-Identifier: GPL-3.0-or-later
import type fc from 'fast-check';

/** One thing that happens, as fast-check's models have it. The world looks after itself. */
export class Happens<Event, World extends { happen(event: Event): void }> implements fc.Command<
  object,
  World
> {
  readonly event: Event;

  constructor(event: Event) {
    this.event = event;
  }

  check(): boolean {
    return true;
  }

  run(_: object, world: World): void {
    world.happen(this.event);
  }

  toString(): string {
    return JSON.stringify(this.event);
  }
}
