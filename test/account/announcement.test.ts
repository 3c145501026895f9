// SPDX-License-Identifier: GPL-3.0-or-later

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Announcement,
  type AnnouncementEffect,
  type AnnouncementInput,
  initialAnnouncement,
  mergeOwn,
  stepAnnouncement,
} from '#main/account/announcement.ts';
import type { ListedDevice } from '#main/xmpp/wire.ts';
import { FakeClock } from '../support/fake-clock.ts';

const own: ListedDevice = { tag: 0x200, label: 'Desktop' };
const phone: ListedDevice = { tag: 0x300, label: 'Phone' };
const devices = (count: number): readonly ListedDevice[] =>
  Array.from({ length: count }, (_, index) => ({ tag: 0x1000 + index, label: undefined }));

/** The machine alone, with everything it has asked for. */
class Bench {
  state: Announcement = initialAnnouncement(own);
  effects: AnnouncementEffect[] = [];

  take(...inputs: readonly AnnouncementInput[]): this {
    this.effects = [];
    for (const input of inputs) {
      const { next, effects } = stepAnnouncement(this.state, input);
      this.state = next;
      this.effects.push(...effects);
    }
    return this;
  }

  hear(listed: readonly ListedDevice[], nowMs = 60_000, jitter = 0): this {
    return this.take({ tag: 'heard', devices: listed, nowMs, jitter });
  }

  /** Logged in and announced at 0. */
  static announced(listed: readonly ListedDevice[] = []): Bench {
    return new Bench().take(
      { tag: 'online' },
      { tag: 'fetched', devices: listed },
      { tag: 'published', accepted: true, nowMs: 0 },
    );
  }
}

describe('xep:X-05 xep:S-04 at login', () => {
  it('a device reads the list, puts itself into it and writes it', () => {
    const bench = new Bench().take({ tag: 'online' });
    expect(bench.effects).toEqual([{ tag: 'fetch' }]);
    bench.take({ tag: 'fetched', devices: [phone] });
    expect(bench.effects).toEqual([{ tag: 'publish', devices: [own, phone] }]);
    bench.take({ tag: 'published', accepted: true, nowMs: 5 });
    expect(bench.state).toMatchObject({ standing: 'listed', listed: [own, phone] });
  });

  it('it is not written when the list could not be read: that would take the others off', () => {
    const bench = new Bench().take({ tag: 'online' }, { tag: 'fetched', devices: undefined });
    expect(bench.effects).toEqual([{ tag: 'fetch' }]);
    expect(bench.state.standing).toBe('refused');
    expect(bench.take({ tag: 'relabel', label: 'Work' }).effects).toEqual([]);
    expect(bench.take({ tag: 'remove', device: phone.tag }).effects).toEqual([]);
  });

  it('a server that refuses the list is not asked again in this session', () => {
    const bench = new Bench().take(
      { tag: 'online' },
      { tag: 'fetched', devices: [] },
      { tag: 'published', accepted: false, nowMs: 5 },
    );
    expect(bench.state.standing).toBe('refused');
  });

  it.each<AnnouncementInput>([
    { tag: 'fetched', devices: [phone] },
    { tag: 'failed', nowMs: 0, jitter: 0 },
  ])('xep:S-04 what fails for a reason that passes is read and written again ($tag)', (first) => {
    const bench = new Bench().take({ tag: 'online' }, first);
    bench.take({ tag: 'failed', nowMs: 5, jitter: 0.5 });
    expect(bench.state).toMatchObject({ standing: 'refused', waiting: true });
    expect(bench.take({ tag: 'relabel', label: 'Work' }).effects).toEqual([]);
    expect(bench.take({ tag: 'due', nowMs: 3005 }).effects).toEqual([{ tag: 'fetch' }]);
    bench.take({ tag: 'fetched', devices: [phone] });
    expect(bench.effects).toEqual([
      { tag: 'publish', devices: [{ ...own, label: 'Work' }, phone] },
    ]);
  });

  it('xep:T-65 a list that cannot be written is tried five times in ten minutes', () => {
    const bench = new Bench().take({ tag: 'online' });
    for (let round = 1; round <= 5; round += 1) {
      bench.take({ tag: 'failed', nowMs: round * 1000, jitter: 0 });
      expect(bench.effects).toEqual([{ tag: 'set-alarm', delayMs: 1000 }]);
      bench.take({ tag: 'due', nowMs: round * 1000 + 500 });
    }
    expect(bench.take({ tag: 'failed', nowMs: 7000, jitter: 0 }).effects).toEqual([]);
    expect(bench.state).toMatchObject({ standing: 'refused', waiting: false });
  });
});

describe('xep:S-01 the list that we write', () => {
  it.each([
    [7, 8],
    [8, 8],
    [9, 8],
  ])('with %d others has %d devices, ours among them', (others, length) => {
    const merged = mergeOwn(own, devices(others));
    expect(merged).toHaveLength(length);
    expect(merged).toContain(own);
  });

  it('keeps our place, and moves us where the limit does not reach', () => {
    const stale = { ...own, label: 'old' };
    expect(mergeOwn(own, [phone, stale])).toEqual([phone, own]);
    expect(mergeOwn(own, [...devices(20), stale])[0]).toEqual(own);
  });
});

describe('ux:A6 a list without us', () => {
  it.each([
    [0, 1000],
    [0.5, 3000],
    [1 - Number.EPSILON, 5000],
  ])('xep:X-09 xep:X-10 is written again after a random while (%d: %d ms)', (jitter, delayMs) => {
    const bench = Bench.announced().hear([phone], 60_000, jitter);
    expect(bench.effects).toContainEqual({ tag: 'set-alarm', delayMs });
    bench.take({ tag: 'due', nowMs: 65_000 });
    expect(bench.effects).toEqual([{ tag: 'publish', devices: [own, phone] }]);
  });

  it('that names us again before we have spoken is left alone', () => {
    const bench = Bench.announced().hear([phone]);
    expect(bench.hear([phone, own]).effects).toEqual([{ tag: 'cancel-alarm' }]);
    expect(bench.state.standing).toBe('listed');
    expect(bench.take({ tag: 'due', nowMs: 65_000 }).effects).toEqual([]);
  });

  it('is merged with what was listed last, whoever wrote in the meantime', () => {
    const bench = Bench.announced().hear([phone]).hear(devices(2));
    bench.take({ tag: 'due', nowMs: 65_000 });
    expect(bench.effects).toEqual([{ tag: 'publish', devices: [own, ...devices(2)] }]);
  });

  it('that overtook our publication is not mistaken for it', () => {
    const bench = Bench.announced().hear([phone]).take({ tag: 'due', nowMs: 62_000 });
    bench.hear(devices(1), 62_001);
    expect(bench.effects).toMatchObject([{ tag: 'set-alarm' }]);
    bench.take({ tag: 'published', accepted: true, nowMs: 62_002 });
    expect(bench.state.standing).toBe('missing');
  });

  it('tells the user only when we had been listed for a while: races are nobody’s intention', () => {
    const told = { tag: 'tell-taken-off' };
    expect(Bench.announced().hear([phone], 9_999).effects).not.toContainEqual(told);
    expect(Bench.announced().hear([phone], 10_000).effects).toContainEqual(told);
  });

  it('xep:T-65 is written five times in ten minutes, then left to the user', () => {
    const bench = Bench.announced();
    for (let round = 1; round <= 5; round += 1) {
      expect(bench.hear([], round * 1000).effects).toContainEqual({
        tag: 'set-alarm',
        delayMs: 1000,
      });
      bench.take({ tag: 'due', nowMs: round * 1000 + 500 });
      bench.take({ tag: 'published', accepted: true, nowMs: round * 1000 + 600 });
    }
    expect(bench.hear([], 7000).effects).toEqual([]);
    expect(bench.state.standing).toBe('contested');
    expect(bench.hear([], 601_499).effects).toEqual([]);
    expect(bench.hear([], 601_500).effects).toMatchObject([{ tag: 'set-alarm' }]);
  });

  it('xep:S-04 can be written again by the user', () => {
    const bench = Bench.announced();
    bench.state = { ...bench.state, standing: 'contested', repairs: [1, 2, 3, 4, 5] };
    expect(bench.take({ tag: 'again' }).effects).toEqual([{ tag: 'fetch' }]);
    bench.take({ tag: 'fetched', devices: [phone] });
    expect(bench.effects).toEqual([{ tag: 'publish', devices: [own, phone] }]);
    expect(bench.state.repairs).toEqual([]);
  });

  it('says nothing before the list of this session was read, and nothing while offline', () => {
    const bench = new Bench().take({ tag: 'online' });
    expect(bench.hear([phone]).effects).toEqual([]);
    expect(Bench.announced().take({ tag: 'offline' }).hear([phone]).effects).toEqual([]);
    const waiting = Bench.announced().hear([phone]);
    expect(waiting.take({ tag: 'offline' }).effects).toEqual([{ tag: 'cancel-alarm' }]);
    expect(waiting.take({ tag: 'due', nowMs: 65_000 }).effects).toEqual([]);
  });
});

describe('what the user does', () => {
  it('xep:X-11 a new label is written at once', () => {
    const bench = Bench.announced([phone]).take({ tag: 'relabel', label: 'Work' });
    const relabelled = { tag: own.tag, label: 'Work' };
    expect(bench.effects).toEqual([{ tag: 'publish', devices: [relabelled, phone] }]);
  });

  it('another device is taken off; our own never is', () => {
    const bench = Bench.announced([phone]).take({ tag: 'remove', device: phone.tag });
    expect(bench.effects).toEqual([{ tag: 'publish', devices: [own] }]);
    expect(bench.take({ tag: 'remove', device: own.tag }).effects).toEqual([]);
  });
});

/** One direction of a line: what is said first arrives first, some time later. */
class Way {
  readonly #clock: FakeClock;
  readonly #delayMs: () => number;
  #lastAt = 0;

  constructor(clock: FakeClock, delayMs: () => number) {
    this.#clock = clock;
    this.#delayMs = delayMs;
  }

  carry(arrive: () => void): void {
    const nowMs = this.#clock.monotonicNow();
    this.#lastAt = Math.max(this.#lastAt, nowMs + this.#delayMs());
    this.#clock.after(this.#lastAt - nowMs, arrive);
  }
}

/** A server that keeps one list and tells every client of each change. */
class ListServer {
  readonly clock = new FakeClock();
  list: readonly ListedDevice[] = [];
  publications = 0;
  /** Another program's answer to every publication. */
  bully: ((list: readonly ListedDevice[]) => readonly ListedDevice[]) | undefined;
  readonly #clients: Client[] = [];
  readonly #delayMs: () => number;

  constructor(delayMs: () => number) {
    this.#delayMs = delayMs;
  }

  way(): Way {
    return new Way(this.clock, this.#delayMs);
  }

  join(tag: number): Client {
    const client = new Client(this, tag);
    this.#clients.push(client);
    return client;
  }

  publish(list: readonly ListedDevice[]): void {
    this.publications += 1;
    this.list = list;
    for (const client of this.#clients) client.hear(list);
    const answer = this.bully?.(list);
    if (answer !== undefined && answer.length !== list.length) {
      this.clock.after(this.#delayMs(), () => {
        this.publish(answer);
      });
    }
  }

  /** Lets an hour pass, at most. */
  settle(): void {
    for (let left = 3_600_000, steps = 0; left > 0 && steps < 5000; steps += 1) {
      left = this.clock.step(left).leftMs;
    }
  }
}

class Client {
  readonly tag: number;
  state: Announcement;
  readonly #server: ListServer;
  readonly #there: Way;
  readonly #back: Way;
  #cancel: () => void = () => undefined;

  constructor(server: ListServer, tag: number) {
    this.tag = tag;
    this.#server = server;
    this.#there = server.way();
    this.#back = server.way();
    this.state = initialAnnouncement({ tag, label: undefined });
  }

  take(input: AnnouncementInput): void {
    const { next, effects } = stepAnnouncement(this.state, input);
    this.state = next;
    for (const effect of effects) this.#perform(effect);
  }

  hear(devices: readonly ListedDevice[]): void {
    const jitter = (this.#server.publications * 0.37 + this.tag * 0.11) % 1;
    this.#answer(() => ({ tag: 'heard', devices, nowMs: this.#nowMs(), jitter }));
  }

  #nowMs(): number {
    return this.#server.clock.monotonicNow();
  }

  #answer(input: () => AnnouncementInput): void {
    this.#back.carry(() => {
      this.take(input());
    });
  }

  #perform(effect: AnnouncementEffect): void {
    switch (effect.tag) {
      case 'fetch':
        this.#there.carry(() => {
          const { list } = this.#server;
          this.#answer(() => ({ tag: 'fetched', devices: list }));
        });
        return;
      case 'publish':
        this.#there.carry(() => {
          this.#server.publish(effect.devices);
          this.#answer(() => ({ tag: 'published', accepted: true, nowMs: this.#nowMs() }));
        });
        return;
      case 'set-alarm':
        this.#cancel = this.#server.clock.after(effect.delayMs, () => {
          this.take({ tag: 'due', nowMs: this.#nowMs() });
        });
        return;
      case 'cancel-alarm':
        this.#cancel();
        return;
      case 'tell-taken-off':
    }
  }
}

describe('xep:T-65 xep:S-04 several clients of one account', () => {
  it('settle with all of them listed, however their messages cross', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 8 }),
        fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 3, maxLength: 20 }),
        (count, delays) => {
          let turn = 0;
          const server = new ListServer(() => delays[(turn += 1) % delays.length] ?? 1);
          const clients = Array.from({ length: count }, (_, index) => server.join(0x100 + index));
          for (const client of clients) client.take({ tag: 'online' });
          server.settle();
          const tags = server.list.map(({ tag }) => tag).toSorted();
          expect(tags).toEqual(clients.map(({ tag }) => tag));
          expect(clients.map(({ state }) => state.standing)).not.toContain('contested');
        },
      ),
    );
  });

  it('one that fights back at once is answered five times, then left alone', () => {
    const server = new ListServer(() => 10);
    server.bully = (list) => list.filter(({ tag }) => tag === 0x999);
    const [one, other] = [server.join(0x100), server.join(0x101)];
    for (const client of [one, other]) client.take({ tag: 'online' });
    server.settle();
    expect(one.state.standing).toBe('contested');
    expect(other.state.standing).toBe('contested');
    expect(one.state.repairs.length).toBeLessThanOrEqual(5);
    expect(server.publications).toBeLessThanOrEqual(2 * (2 + 2 * 5));
  });

  it('ux:A6 nine of them, where only eight fit, come to rest as well', () => {
    const server = new ListServer(() => 10);
    const clients = Array.from({ length: 9 }, (_, index) => server.join(0x100 + index));
    for (const client of clients) client.take({ tag: 'online' });
    server.settle();
    const before = server.publications;
    server.settle();
    expect(server.publications).toBe(before);
    expect(before).toBeLessThanOrEqual(9 * 6);
  });
});
