// SPDX-License-Identifier: GPL-3.0-or-later

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bubble, startOffTheRecord, startSheet, write } from '../../tools/driver/chat.ts';
import type { Prosody } from '../../tools/prosody/prosody.ts';
import { row } from '../e2e/support/room.ts';
import { Gajim } from './support/gajim.ts';
import { areThere } from './support/packages.ts';
import { type PeerAccount, Stage } from './support/stage.ts';

const start = (prosody: Prosody, account: PeerAccount) => Gajim.start(prosody, account);

describe.skipIf(!areThere('gajim', 'xvfb-run', 'dbus-run-session'))('beside Gajim', () => {
  let stage: Stage;
  let bob: Gajim;

  beforeAll(async () => {
    stage = await Stage.open();
    const { alice } = stage;
    bob = await stage.client('bob', start);
    await stage.meet(async () => {
      await bob.hears({ event: 'request', jid: alice.jid });
      bob.do('allow', alice.jid);
      bob.do('subscribe', alice.jid);
    });
  });

  afterAll(async () => {
    await stage[Symbol.asyncDispose]();
  });

  it('ux:4 writes and reads in clear, and its receipt becomes a tick', async () => {
    const { page, jid } = stage.alice;
    await write(page, 'good morning');
    await bob.hears({ event: 'message', text: 'good morning' });
    await row(page, 'good morning').getByText('Delivered', { exact: true }).waitFor();
    bob.tell(jid, 'and to you');
    await bubble(page, 'and to you').waitFor();
  });

  it('xep:X-43 is the same account in another client: each shows what the other one wrote', async () => {
    const { page } = stage.alice;
    const other = await stage.client('alice', start);
    other.tell(stage.bobsJid, 'from the other window');
    await bubble(page, 'from the other window').waitFor();
    expect(await bubble(page, 'from the other window').count()).toBe(1);
    await write(page, 'from the window');
    await other.hears({ event: 'message', text: 'from the window', carbon: 'sent' });
    bob.tell(stage.alice.jid, 'to both');
    await other.hears({ event: 'message', text: 'to both' });
    await bubble(page, 'to both').waitFor();
  });

  it('xep:X-46 xep:S-21 reads from the hint that an invitation is OTR, and shows no ciphertext', async () => {
    const { page } = stage.alice;
    await startOffTheRecord(page);
    await startSheet(page).getByRole('button', { name: 'Start', exact: true }).click();
    const invitation = await bob.hears({ event: 'message', eme: 'urn:xmpp:otr:0' });
    expect(invitation['text']).toBe(
      'This message was encrypted with OTR and could not be decrypted.',
    );
  });
});
