// SPDX-License-Identifier: GPL-3.0-or-later

import type { Agent, Stanzas } from 'stanza';
import type { BareJid } from '#shared/model/jid.ts';
import type { FetchedDevices, RequestResult } from './client.ts';
import { DEVICES_NODE, readDeviceList, toRawDevices } from './device-list.ts';
import { PAYLOAD } from './extension/device-list.ts';
import { isRecord, request, toErrorCondition } from './requests.ts';
import type { ListedDevice, WireEvent } from './wire.ts';

/** Every list has one item, which each publication replaces. */
const ITEM = 'current';
/** Both mean that there is no list for us: which one depends on the server (xep S-07). */
const NO_LIST: ReadonlySet<string> = new Set(['item-not-found', 'forbidden']);

const toForm = (purpose: string, fields: Stanzas.DataFormField[]): Stanzas.DataForm => ({
  type: 'submit',
  fields: [
    { name: 'FORM_TYPE', type: 'hidden', value: `http://jabber.org/protocol/pubsub#${purpose}` },
    ...fields,
  ],
});
/** Nothing else is asked for: ejabberd refuses what it does not know (xep S-02). */
const OPEN: Stanzas.DataFormField[] = [{ name: 'pubsub#access_model', value: 'open' }];

/** Of several items the one we would have written counts, else the newest. */
function readItems(items: readonly Stanzas.PubsubItem[]): readonly ListedDevice[] {
  const item = items.find(({ id }) => id === ITEM) ?? items.at(-1);
  return readDeviceList(item?.content?.devices ?? []);
}

export async function fetchDevices(agent: Agent, of: BareJid): Promise<FetchedDevices> {
  try {
    const answer: Stanzas.IQ = await agent.sendIQ({
      to: of,
      type: 'get',
      pubsub: { context: 'user', fetch: { node: DEVICES_NODE } },
    });
    return { tag: 'list', devices: readItems(answer.pubsub?.fetch?.items ?? []) };
  } catch (rejection) {
    const condition = toErrorCondition(rejection);
    return NO_LIST.has(condition) ? { tag: 'none' } : { tag: 'refused', condition };
  }
}

function toPublication(devices: readonly ListedDevice[]): Stanzas.IQ {
  const content = { itemType: PAYLOAD, devices: toRawDevices(devices) };
  return {
    type: 'set',
    pubsub: {
      context: 'user',
      publish: { node: DEVICES_NODE, item: { id: ITEM, content } },
      publishOptions: toForm('publish-options', OPEN),
    },
  };
}

/** The node is there, but others may not read it (xep S-03). */
function isClosed(rejection: unknown): boolean {
  const error = isRecord(rejection) ? rejection.error : undefined;
  return isRecord(error) && error.pubsubError === 'precondition-not-met';
}

/** Replaces the own list; a node that is closed to others is opened first. */
export async function publishDevices(
  agent: Agent,
  devices: readonly ListedDevice[],
): Promise<RequestResult> {
  const publication = toPublication(devices);
  try {
    await agent.sendIQ(publication);
    return { tag: 'done' };
  } catch (rejection) {
    if (!isClosed(rejection)) return { tag: 'refused', condition: toErrorCondition(rejection) };
  }
  const form = toForm('node_config', OPEN);
  const opened = await request(agent, {
    type: 'set',
    pubsub: { context: 'owner', configure: { node: DEVICES_NODE, form } },
  });
  return opened.tag === 'done' ? request(agent, publication) : opened;
}

/** An event as it may come from the network, whatever stanza's type promises. */
type WirePubsub = Partial<Stanzas.PubsubEvent>;

/** Taken back, emptied or deleted: the account has no device that can be talked with (xep S-08). */
function isEmptied({ purge, delete: deleted, items }: WirePubsub): boolean {
  if (purge?.node === DEVICES_NODE || deleted?.node === DEVICES_NODE) return true;
  return items?.node === DEVICES_NODE && items.retracted?.includes(ITEM) === true;
}

/** What an event of the devices' node says; undefined for any other. */
export function readEvent(of: BareJid, event: WirePubsub): WireEvent | undefined {
  const { items } = event;
  if (items?.node === DEVICES_NODE && (items.published?.length ?? 0) > 0) {
    return { tag: 'device-list', of, devices: readItems(items.published ?? []) };
  }
  return isEmptied(event) ? { tag: 'device-list', of, devices: [] } : undefined;
}
