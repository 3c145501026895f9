// SPDX-License-Identifier: GPL-3.0-or-later

import { parseElement } from '#main/xml/parse-element.ts';
import { UnitStream } from '#main/xml/unit-stream.ts';
import { formatPrekeyArmor } from '#otr/prekey/armor.ts';
import { Shard } from '#prekey-server/service/shard.ts';
import { answerRequest } from '#prekey-server/stream/disco.ts';
import { readStanza } from '#prekey-server/stream/incoming.ts';
import { formatRejection, formatReply } from '#prekey-server/stream/outgoing.ts';
import { PUBLISHER_JID, SERVER_JID, serverContext } from '../../../test/support/prekey-parties.ts';
import { PrekeyClock } from '../../../test/support/prekey-world.ts';
import { asBytes, expectThat, type Target, type TargetPlan } from '../target.ts';
import { knownMessage } from './prekey.ts';

const HEADER =
  `<stream:stream xmlns='jabber:component:accept' ` +
  `xmlns:stream='http://etherx.jabber.org/streams' id='1'>`;
const CARD = { jid: SERVER_JID, fingerprint: 'AB'.repeat(56) };
const ENVELOPE = `from='${PUBLISHER_JID}/desk' to='${SERVER_JID}' id='7'`;
const root = parseElement(HEADER.replace(/>$/, '/>'));
const utf8 = new TextEncoder();

const message = (body: string, type = 'normal'): string =>
  `<message ${ENVELOPE} type='${type}'><body>${body}</body></message>`;
const request = (payload: string): string => `<iq ${ENVELOPE} type='get'>${payload}</iq>`;

const seeds = [
  ...(['DAKE-1', 'DAKE-3 with publication', 'Ensemble Query'] as const).map((name) =>
    message(formatPrekeyArmor(knownMessage(name))),
  ),
  message('?OTRP|1|101|0,1,2,AAQ1,'),
  message('AAQQ.', 'error'),
  request(`<query xmlns='http://jabber.org/protocol/disco#info' node='fingerprint'/>`),
  request(`<query xmlns='http://jabber.org/protocol/disco#items'/>`),
  request(`<ping xmlns='urn:xmpp:ping'/>`),
  `<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>`,
  `<presence ${ENVELOPE}/><message ${ENVELOPE}/></stream:stream>`,
].map((xml) => utf8.encode(xml));

/** Whatever we write is one element that we would read, from us, and to whoever asked. */
function judgeReply(xml: string, to: string): void {
  const reply = parseElement(xml, root);
  expectThat(reply !== undefined, 'replies', 'not readable');
  expectThat(reply?.getAttribute('from') === SERVER_JID, 'replies', 'not from us');
  expectThat(reply?.getAttribute('to') === to, 'replies', 'not to whoever asked');
}

function makeTarget(): Target {
  const shard = new Shard(serverContext(), new PrekeyClock().env('component'));
  let task = 0;

  /** @returns what became of one stanza, in a word */
  function take(xml: string): string {
    const element = parseElement(xml, root);
    if (element === undefined) return 'unreadable';
    const read = readStanza(element, SERVER_JID);
    if (read === undefined) return `passed over: ${element.getName().slice(0, 8)}`;
    expectThat(!read.from.startsWith(SERVER_JID), 'replies', 'to ourselves');
    if (read.tag === 'request') {
      const answer = answerRequest(read, CARD);
      judgeReply(answer, read.from);
      return answer.includes('type="result"') ? 'answered' : 'not served';
    }
    task += 1;
    const reply = shard.do({ tag: 'receive', task, from: read.from, body: read.body });
    const back = { ...read, from: SERVER_JID, to: read.from };
    for (const body of reply.bodies) judgeReply(formatReply(back, body), read.from);
    judgeReply(formatRejection(back), read.from);
    expectThat(reply.ask === undefined, 'forgery', 'the store is asked for nobody');
    return reply.ignored ?? `replied ${String(reply.bodies.length)}`;
  }

  return {
    seeds,
    attempt: (input) => {
      const words = new Set<string>();
      const stream = new UnitStream(({ tag, spoiled, xml }) => {
        if (tag === 'stanza') words.add(spoiled ?? take(xml));
        return true;
      });
      stream.write(utf8.encode(HEADER));
      if (!stream.write(asBytes(input))) words.add('refused');
      return [...words].toSorted().join(' ');
    },
  };
}

/** Bytes of the component's stream, through everything that looks at them. */
export const COMPONENT_TARGETS: readonly TargetPlan[] = [
  { name: 'component-stream', tries: [], boundMs: 250, batch: 50, make: makeTarget },
];
