// SPDX-License-Identifier: GPL-3.0-or-later

import type { OwnDevicesView } from '#shared/model/account.ts';
import { formatTag } from '#shared/model/instance-tag.ts';
import type { AccountRow } from '#main/store/rows.ts';
import type { FetchedDevices, RequestResult, XmppClient } from '#main/xmpp/client.ts';
import type { ListedDevice, WireEvent } from '#main/xmpp/wire.ts';
import {
  type Announcement,
  type AnnouncementEffect,
  type AnnouncementInput,
  initialAnnouncement,
  stepAnnouncement,
} from './announcement.ts';
import type { AccountDeps } from './ports.ts';

const toLabel = (label: string): string | undefined => (label === '' ? undefined : label);

/** ejabberd does not find the node where two accounts make theirs in the same moment. */
const PASSING: ReadonlySet<string> = new Set([
  'item-not-found',
  'internal-server-error',
  'resource-constraint',
  'remote-server-timeout',
  'timeout',
]);

const isPassing = (answer: FetchedDevices | RequestResult): boolean =>
  answer.tag === 'refused' && PASSING.has(answer.condition);

type Deps = Pick<AccountDeps, 'store' | 'clock' | 'random' | 'note'>;

/** Keeps this device in its account's list, and remembers who else is there. */
export class DeviceAnnouncer {
  readonly #deps: Deps;
  readonly #row: AccountRow;
  readonly #client: XmppClient;
  readonly #onChange: () => void;
  #state: Announcement;
  #takenOffAt: number | undefined;
  #cancelAlarm: () => void = () => undefined;
  /** Counts network sessions, so that an answer to a former one is recognised. */
  #session = 0;

  constructor(deps: Deps, row: AccountRow, client: XmppClient, onChange: () => void) {
    this.#deps = deps;
    this.#row = row;
    this.#client = client;
    this.#onChange = onChange;
    this.#state = initialAnnouncement({ tag: row.instanceTag, label: toLabel(row.deviceLabel) });
  }

  view(): OwnDevicesView {
    const { devices } = this.#deps.store;
    const rows = devices.ofPeer(this.#row.id, this.#row.jid);
    return {
      standing: this.#state.standing,
      takenOffAt: this.#takenOffAt,
      others: rows
        .filter(({ listed, tag }) => listed && tag !== this.#row.instanceTag)
        .map(({ tag, label, firstSeenAt, noted }) => ({
          name: { label, instanceTag: formatTag(tag) },
          firstSeenAt,
          isNew: !noted,
        })),
    };
  }

  hear(event: WireEvent): void {
    if (event.tag === 'session') {
      this.#session += 1;
      this.#take({ tag: 'online' });
    } else if (event.tag === 'connection' && event.state.tag !== 'online') {
      this.#take({ tag: 'offline' });
    } else if (event.tag === 'device-list' && event.of === this.#row.jid) {
      const { clock } = this.#deps;
      const jitter = this.#fraction();
      const { devices } = event;
      this.#take({ tag: 'heard', devices, nowMs: clock.monotonicNow(), jitter });
    }
  }

  relabel(label: string): void {
    this.#take({ tag: 'relabel', label: toLabel(label) });
  }

  /** The user knows this device. */
  keep(instanceTag: string): void {
    this.#note(instanceTag, true);
    this.#onChange();
  }

  /** Should it come back, the user is asked again. */
  remove(instanceTag: string): void {
    this.#note(instanceTag, false);
    this.#take({ tag: 'remove', device: Number.parseInt(instanceTag, 16) });
  }

  /** After others took it off more often than we put it back. */
  announceAgain(): void {
    this.#take({ tag: 'again' });
  }

  stop(): void {
    this.#cancelAlarm();
    this.#session += 1;
  }

  #take(input: AnnouncementInput): void {
    const before = this.#state;
    const { next, effects } = stepAnnouncement(before, input);
    this.#state = next;
    if (next.listed !== before.listed) this.#save(next.listed);
    for (const effect of effects) this.#perform(effect);
    if (next !== before || effects.length > 0) this.#onChange();
  }

  #perform(effect: AnnouncementEffect): void {
    switch (effect.tag) {
      case 'fetch':
        this.#fetch().catch(this.#failed);
        return;
      case 'publish':
        this.#publish(effect.devices).catch(this.#failed);
        return;
      case 'set-alarm':
        this.#cancelAlarm = this.#deps.clock.after(effect.delayMs, () => {
          this.#take({ tag: 'due', nowMs: this.#deps.clock.monotonicNow() });
        });
        return;
      case 'cancel-alarm':
        this.#cancelAlarm();
        return;
      case 'tell-taken-off':
        this.#takenOffAt = this.#deps.clock.now();
    }
  }

  readonly #failed = (cause: unknown): void => {
    this.#deps.note('account-failed', cause);
  };

  async #fetch(): Promise<void> {
    const session = this.#session;
    const answer = await this.#client.fetchDevices(this.#row.jid);
    if (session !== this.#session || answer.tag === 'offline') return;
    if (isPassing(answer)) {
      this.#tryLater();
      return;
    }
    const none = answer.tag === 'none' ? [] : undefined;
    this.#take({ tag: 'fetched', devices: answer.tag === 'list' ? answer.devices : none });
  }

  async #publish(devices: readonly ListedDevice[]): Promise<void> {
    const session = this.#session;
    const answer = await this.#client.publishDevices(devices);
    if (session !== this.#session || answer.tag === 'offline') return;
    if (isPassing(answer)) {
      this.#tryLater();
      return;
    }
    const nowMs = this.#deps.clock.monotonicNow();
    this.#take({ tag: 'published', accepted: answer.tag === 'done', nowMs });
  }

  #tryLater(): void {
    const nowMs = this.#deps.clock.monotonicNow();
    this.#take({ tag: 'failed', nowMs, jitter: this.#fraction() });
  }

  /** Those that were there when this device came are no news; those that come later are. */
  #save(devices: readonly ListedDevice[]): void {
    const { store, clock } = this.#deps;
    const { id: accountId, jid: peer, instanceTag } = this.#row;
    const isFirst = store.devices.ofPeer(accountId, peer).length === 0;
    const noted = (tag: number): boolean => isFirst || tag === instanceTag;
    store.transaction((tx) => {
      store.devices.replace(tx, { accountId, peer, devices, at: clock.now(), noted });
    });
  }

  #note(instanceTag: string, noted: boolean): void {
    const { store } = this.#deps;
    const owner = { accountId: this.#row.id, peer: this.#row.jid };
    store.transaction((tx) => {
      store.devices.saveNoted(tx, owner, Number.parseInt(instanceTag, 16), noted);
    });
  }

  /** A number in [0, 1). */
  #fraction(): number {
    const bytes = this.#deps.random(4);
    return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) / 2 ** 32;
  }
}
