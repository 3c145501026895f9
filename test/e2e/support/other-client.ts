// SPDX-License-Identifier: GPL-3.0-or-later

import type { Connector } from '#main/xmpp/connector.ts';
import type { Prosody } from '../../../tools/prosody/prosody.ts';
import { configure, otherClient } from '../../xmpp/parties.ts';

const NODE = 'urn:xmpp:otr:1:devices';
export const OTHER_RESOURCE = 'other-client';

interface RawDevice {
  readonly id: string;
  readonly label: string;
}

/** Another client of an account, which writes what no application of ours would write. */
export class OtherClient implements AsyncDisposable {
  readonly #connector: Connector;

  private constructor(connector: Connector) {
    this.#connector = connector;
  }

  static async online(prosody: Prosody, jid: string, password: string): Promise<OtherClient> {
    const config = configure(prosody, jid, password, { resource: OTHER_RESOURCE });
    return new OtherClient(await otherClient(config));
  }

  /** Whatever is in it, with whatever is in that. */
  async publishDevices(devices: readonly RawDevice[]): Promise<void> {
    const content = { itemType: 'urn:xmpp:otr:1', devices: [...devices] };
    await this.#connector.agent.sendIQ({
      type: 'set',
      pubsub: { context: 'user', publish: { node: NODE, item: { id: 'current', content } } },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connector.disconnect();
  }
}
