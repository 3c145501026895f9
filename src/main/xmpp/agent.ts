// SPDX-License-Identifier: GPL-3.0-or-later

import { type Agent, Client } from 'stanza';
import { domainOf } from '#shared/model/jid.ts';
import type { ServerConfig } from './client.ts';
import { DEVICES_NODE } from './device-list.ts';
import { deviceLists } from './extension/device-list.ts';
import { preauth } from './extension/preauth.ts';
import { privateCarbon } from './extension/private-carbon.ts';
import { registrationFields } from './extension/registration-fields.ts';
import { sasl2 } from './extension/sasl2.ts';
import { serverTime } from './extension/server-time.ts';
import type { XmppDeps } from './ports.ts';
import { readHttpsBySocket } from './read-https.ts';
import { resolveSrvByDns } from './resolve-srv.ts';
import { StanzaTransport, type TransportHooks } from './stanza-transport.ts';
import { WayBook } from './transport/way-book.ts';

export interface AgentOptions {
  readonly server: ServerConfig;
  readonly resource: string | undefined;
  readonly deps: XmppDeps;
  readonly hooks: TransportHooks;
}

export interface BuiltAgent {
  readonly agent: Agent;
  /** The line in use, if any. */
  readonly transport: () => StanzaTransport | undefined;
}

/** Names this software in entity capabilities (XEP-0115); no version, which would help attackers only. */
const CAPABILITIES_NODE = 'https://sotto.example';
/** With `+notify` the server tells us when a contact's list changes (XEP-0163, section 4.1). */
const FEATURES = [
  'urn:xmpp:receipts',
  'urn:xmpp:eme:0',
  'http://jabber.org/protocol/chatstates',
  `${DEVICES_NODE}+notify`,
] as const;

const ID_LENGTH = 16;

/**
 * stanza's bare core: connection, features, binding, stream management, ping, disco. Its full set would
 * answer anybody's questions about version and time and send receipts to strangers.
 */
function createClient(server: ServerConfig, resource: string | undefined): Client {
  return new Client({
    jid: server.jid,
    server: domainOf(server.jid),
    lang: server.language,
    acceptLanguages: [server.language],
    autoReconnect: false,
    transports: { tcp: 'xmpp:' },
    transportPreferenceOrder: ['tcp'],
    capsNode: CAPABILITIES_NODE,
    ...(resource === undefined ? {} : { resource }),
  });
}

/** The same object, seen with what the plugins have added to it. */
function toAgent(client: Client): Agent {
  const handed: Agent[] = [];
  client.use((agent) => {
    handed.push(agent);
  });
  const [agent] = handed;
  if (agent === undefined) throw new TypeError('stanza did not run a plugin');
  return agent;
}

function introduceOurselves(agent: Agent): void {
  agent.disco.identities.set('', [{ category: 'client', type: 'pc', name: 'Sotto' }]);
  for (const feature of FEATURES) agent.disco.addFeature(feature);
  agent.updateCaps();
}

/**
 * stanza forgets to count what it sends again after a resumption: such stanzas would never be
 * acknowledged, and later acknowledgements would go to the wrong ones.
 */
function countResentStanzas(client: Client): void {
  client.sm.removeAllListeners('resend');
  client.sm.on('resend', ({ kind, stanza }: { kind: string; stanza: object }) => {
    void client.sm.track(kind, stanza);
    void client.send(kind, stanza, true);
  });
}

export function buildAgent({ server, resource, deps, hooks }: AgentOptions): BuiltAgent {
  const client = createClient(server, resource);
  const agent = toAgent(client);
  const lines = new WeakMap<object, StanzaTransport>();
  const settings = {
    server,
    domain: domainOf(server.jid),
    registry: agent.stanzas,
    clock: deps.clock,
    random: deps.random,
    resolveSrv: deps.resolveSrv ?? resolveSrvByDns,
    readHttps: deps.readHttps ?? readHttpsBySocket,
    // What the user has set is not found, so there is nothing to remember about it.
    ways: new WayBook(server.endpoint.tag === 'domain' ? server.ways : undefined, deps.clock),
  };
  agent.transports = {
    tcp: class extends StanzaTransport {
      constructor(owner: Agent) {
        super(owner, settings, hooks);
        lines.set(this, this);
      }
    },
  };
  agent.nextId = () => Buffer.from(deps.random(ID_LENGTH)).toString('hex');
  agent.use((_agent, registry) => {
    registry.define([
      preauth,
      privateCarbon,
      registrationFields,
      serverTime,
      ...deviceLists,
      ...sasl2,
    ]);
  });
  introduceOurselves(agent);
  countResentStanzas(client);
  return {
    agent,
    transport: () => (agent.transport === undefined ? undefined : lines.get(agent.transport)),
  };
}
