// SPDX-License-Identifier: GPL-3.0-or-later
import type { InstanceTag } from '#otr/bytes.ts';
import { formatHex } from '#otr/bytes.ts';
import type { RawEnsemble } from '#otr/prekey/message/ensemble-retrieval.ts';
import { decidePublication, isCompleteShelf } from '#otr/prekey/server/shelf-rules.ts';
import type { OtherDevice, ShelfChange, StoredShelf } from '#otr/prekey/server/shelf-rules.ts';
import type {
  CountCommand,
  PublishCommand,
  StoredMessage,
  StoredProfile,
  TakeCommand,
} from '#otr/prekey/server/state.ts';

interface Device {
  readonly identity: string;
  readonly ownerTag: InstanceTag;
  publicKey: Uint8Array;
  clientProfile: StoredProfile | undefined;
  prekeyProfile: StoredProfile | undefined;
  messages: StoredMessage[];
  consumed: Set<number>;
}

/** The store of a prekey server, as a list: what a database does, without one. */
export class PrekeyShelves {
  readonly devices: Device[] = [];
  /** Ids that were handed out, with whose they were. */
  readonly #consumed = new Set<string>();

  publish(command: PublishCommand, nowMs: number): 'stored' | 'refused' {
    const { identity, ownerTag } = command.shelf;
    const device = this.#find(identity, ownerTag);
    const others = this.devices.filter((other) => other.identity === identity && other !== device);
    const stored = device === undefined ? undefined : toStored(device);
    const isConsumed = (id: number): boolean => this.#consumed.has(nameOf(command.shelf, id));
    const beside = { others: others.map(toOther), isConsumed };
    const decision = decidePublication(command, stored, beside, nowMs);
    if (decision.tag === 'refused') return 'refused';
    this.#write(command, decision, device);
    return 'stored';
  }

  count({ shelf: { identity, ownerTag, publicKey } }: CountCommand): number {
    const device = this.#find(identity, ownerTag);
    const isSame = device !== undefined && formatHex(device.publicKey) === formatHex(publicKey);
    return isSame ? device.messages.length : 0;
  }

  take({ identity, ownerTag }: TakeCommand, nowMs: number): readonly RawEnsemble[] {
    return this.devices
      .filter((device) => device.identity === identity)
      .filter((device) => ownerTag === undefined || device.ownerTag === ownerTag)
      .filter((device) => isCompleteShelf(toStored(device), nowMs))
      .flatMap((device) => {
        const { clientProfile, prekeyProfile } = device;
        const message = device.messages.shift();
        if (clientProfile === undefined || prekeyProfile === undefined) return [];
        if (message === undefined) return [];
        device.consumed.add(message.id);
        this.#consumed.add(nameOf(device, message.id));
        return [
          {
            clientProfile: clientProfile.raw,
            prekeyProfile: prekeyProfile.raw,
            prekeyMessage: message.raw,
          },
        ];
      });
  }

  #find(identity: string, ownerTag: InstanceTag): Device | undefined {
    return this.devices.find(
      (device) => device.identity === identity && device.ownerTag === ownerTag,
    );
  }

  #write(command: PublishCommand, change: ShelfChange, known: Device | undefined): void {
    const { identity, ownerTag, publicKey } = command.shelf;
    const evicted = this.devices.findIndex(
      (device) => device.identity === identity && device.ownerTag === change.evict,
    );
    if (evicted !== -1) this.devices.splice(evicted, 1);
    const device: Device = known ?? {
      identity,
      ownerTag,
      publicKey,
      clientProfile: undefined,
      prekeyProfile: undefined,
      messages: [],
      consumed: new Set(),
    };
    if (known === undefined) this.devices.push(device);
    if (change.clear) {
      device.publicKey = publicKey;
      device.messages = [];
      device.consumed = new Set();
      device.clientProfile = undefined;
      device.prekeyProfile = undefined;
    }
    device.clientProfile = change.clientProfile ?? device.clientProfile;
    device.prekeyProfile = change.prekeyProfile ?? device.prekeyProfile;
    device.messages.push(...change.insert);
  }
}

function nameOf(
  { identity, ownerTag, publicKey }: Pick<Device, 'identity' | 'ownerTag' | 'publicKey'>,
  id: number,
): string {
  return [identity, ownerTag, formatHex(publicKey), id].join('|');
}

function toStored(device: Device): StoredShelf {
  return {
    publicKey: device.publicKey,
    clientProfileExpiresAt: device.clientProfile?.expiresAt,
    prekeyProfileExpiresAt: device.prekeyProfile?.expiresAt,
    count: device.messages.length,
    find: (id) => device.messages.find((message) => message.id === id)?.raw,
  };
}

function toOther(device: Device): OtherDevice {
  const expiries = [device.clientProfile?.expiresAt, device.prekeyProfile?.expiresAt].filter(
    (at) => at !== undefined,
  );
  return {
    ownerTag: device.ownerTag,
    expiresAt: expiries.length === 0 ? undefined : Math.max(...expiries),
  };
}
