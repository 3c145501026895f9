// SPDX-License-Identifier: GPL-3.0-or-later

import type { ConversationView, DeviceView, TrustView } from '#shared/model/conversation.ts';

/** The one next thing to do; when there is nothing to do, nothing is loud. */
export type HeadlineAct =
  'start' | 'start-again' | 'cancel' | 'verify' | 'refresh' | 'compare' | 'retry';

export type SecondaryAct = 'write-unencrypted' | 'dismiss';

export interface Headline {
  /** Under `encryption.meaning`. */
  readonly meaning: string;
  readonly primary: HeadlineAct | undefined;
  readonly secondary: SecondaryAct | undefined;
}

type Verified = Extract<TrustView, { readonly tag: 'verified' }>;

/** The device that the chat runs with, or would run with. */
export function liveDevice({ devices, session }: ConversationView): DeviceView | undefined {
  const tag = session?.device.instanceTag;
  return devices.find(({ name }) => name.instanceTag === tag) ?? devices.find(({ live }) => live);
}

export function verifiedTrust(view: ConversationView): Verified | undefined {
  const trust = liveDevice(view)?.trust;
  return trust?.tag === 'verified' ? trust : undefined;
}

/** They checked us, which says nothing about them (ux I-6). */
const verifiedUs = ({ verification }: ConversationView): boolean =>
  verification.tag === 'result' && verification.outcome === 'matched-answered';

export function toHeadline(view: ConversationView): Headline {
  const none = { primary: undefined, secondary: undefined } as const;
  switch (view.state) {
    case 'plain':
    case 'plain-available':
      return { ...none, meaning: view.state, primary: 'start' };
    case 'starting':
      return {
        ...none,
        meaning: view.starting?.by === 'peer' ? 'starting-peer' : 'starting-us',
        primary: 'cancel',
      };
    case 'unverified':
      return {
        ...none,
        meaning: verifiedUs(view) ? 'unverified-verified-us' : 'unverified',
        primary: 'verify',
      };
    case 'verified':
      return { ...none, meaning: verifiedTrust(view) ? 'verified' : 'verified-undated' };
    case 'ended-by-peer':
    case 'expired':
      return {
        meaning: view.state,
        primary: 'start-again',
        secondary: view.rules.otr === 'always' ? undefined : 'write-unencrypted',
      };
    case 'interrupted':
      return { ...none, meaning: view.state, primary: 'refresh' };
    case 'key-changed':
      return { meaning: view.state, primary: 'compare', secondary: 'dismiss' };
    case 'cannot-encrypt':
      return { ...none, meaning: view.state, primary: 'retry' };
  }
}
