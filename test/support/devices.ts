// SPDX-License-Identifier: GPL-3.0-or-later
import { createClientProfile } from '#otr/profile/client-profile.ts';
import { createForgingKeyAndForget, createLongTermKey } from '#otr/profile/long-term-key.ts';
import type { OwnIdentity } from '#otr';
import type { ListedDevice } from '#main/xmpp/wire.ts';
import { formatTag } from '#shared/model/instance-tag.ts';
import type { DeviceView } from '#shared/model/conversation.ts';
import type { MessageItem } from '#shared/model/timeline.ts';
import { envOn } from './fake-clock.ts';
import { befriend, offTheRecord, type Pair, Seat, type Stage } from './two-services.ts';
import { identityOf } from './two-parties.ts';

export const tagOf = (name: string): string => formatTag(identityOf(name).profile.ownerTag);

export const LAPTOP = tagOf('bob');
export const PHONE = tagOf('bob-phone');
export const TABLET = tagOf('bob-tablet');

const listed = (name: string, label: string): ListedDevice => ({
  tag: identityOf(name).profile.ownerTag,
  label,
});
export const laptop = listed('bob', 'Laptop');
export const phone = listed('bob-phone', 'Phone');
export const tablet = listed('bob-tablet', 'Tablet');

/** Alice, and Bob with two devices. */
export interface Trio {
  readonly stage: Stage;
  readonly alice: Seat;
  readonly laptop: Seat;
  readonly phone: Seat;
}

export const bobsPhone = (pair: Pick<Pair, 'stage' | 'alice'>): Promise<Seat> =>
  anotherOfBobs(pair, 'phone');

/** Another device of Bob's, that has just come online. */
export async function anotherOfBobs(
  { stage, alice }: Pick<Pair, 'stage' | 'alice'>,
  kind: 'phone' | 'tablet',
): Promise<Seat> {
  const party = stage.party('bob', { device: `bob-${kind}`, resource: kind });
  befriend(party, alice.party);
  await party.line.return();
  return new Seat(party, alice.party);
}

/** Alice is off the record with both, the laptop first; Bob's list names them. Nothing is verified. */
export async function withTwoDevices(): Promise<Trio> {
  const pair = await offTheRecord();
  const { stage, alice, bob } = pair;
  await listDevices(pair, [laptop, phone]);
  const second = await bobsPhone(pair);
  await alice.rules({ accept: 'contacts' });
  await second.party.service.start(second.id);
  await stage.settle();
  return { stage, alice, laptop: bob, phone: second };
}

/** As `withTwoDevices`, and Alice has verified what is named. */
export async function withVerified(...tags: readonly string[]): Promise<Trio> {
  const trio = await withTwoDevices();
  const { alice } = trio;
  for (const tag of tags) await alice.party.service.compared(alice.id, tag, 'match');
  return trio;
}

/** Bob's server tells Alice of his list, and answers with it when asked. */
export async function listDevices(
  { stage, alice }: Pick<Pair, 'stage' | 'alice'>,
  devices: readonly ListedDevice[],
): Promise<void> {
  stage.network.lists.set(alice.other.jid, devices);
  await alice.party.service.hear({ tag: 'device-list', of: alice.other.jid, devices });
}

export function deviceOf({ view }: Seat, tag: string): DeviceView {
  const device = view.devices.find(({ name }) => name.instanceTag === tag);
  if (device === undefined) throw new TypeError('no such device is known');
  return device;
}

/** What became of a message, at each device. */
export const fatesOf = (message: MessageItem | undefined): Readonly<Record<string, string>> =>
  Object.fromEntries(
    (message?.devices ?? []).map(({ name, delivery }) => [
      name.label ?? name.instanceTag,
      delivery,
    ]),
  );

/** Another key under the same instance tag. */
export function reinstalled(all: Stage, name: string): OwnIdentity {
  const env = envOn(all.clock);
  const longTermKey = createLongTermKey(env);
  const { ownerTag } = identityOf(name).profile;
  const forgingKey = createForgingKeyAndForget(env);
  return { longTermKey, profile: createClientProfile({ ownerTag, longTermKey, forgingKey }, env) };
}
