// SPDX-License-Identifier: GPL-3.0-or-later

import { parseCode, parseXmppUri } from '#shared/links/xmpp-uri.ts';
import type { DeviceView } from '#shared/model/conversation.ts';
import type { BareJid } from '#shared/model/jid.ts';
import type { CodeReading, LinkedCode } from '#shared/model/link.ts';

/** Between whom and what codes are compared. */
export interface Compared {
  readonly peer: BareJid;
  readonly devices: readonly Pick<DeviceView, 'name' | 'code'>[];
  readonly ours: { readonly jid: BareJid; readonly hex: string | undefined };
}

interface Found {
  /** Undefined: digits alone, which do not say whose they are. */
  readonly jid: BareJid | undefined;
  readonly code: LinkedCode;
}

/** A link, or the digits as people write them: in groups, over several lines. */
function find(text: string): Found | undefined {
  const link = parseXmppUri(text);
  if (link.ok && link.value.tag === 'contact' && link.value.code !== undefined) {
    return { jid: link.value.jid, code: link.value.code };
  }
  const code = parseCode(text.replace(/[\s:·-]/gu, ''));
  return code === undefined ? undefined : { jid: undefined, code };
}

/**
 * What a scanned or pasted code says about the device with this tag. Says only: nothing is verified
 * before the user confirms it (xep X-52).
 */
export function readCode(compared: Compared, instanceTag: string, text: string): CodeReading {
  const found = find(text);
  if (found === undefined) return { tag: 'no-code' };
  const { jid, code } = found;
  if (code.hex === compared.ours.hex || jid === compared.ours.jid) return { tag: 'ours' };
  // Before any digit is looked at: the right code of the wrong person proves nothing.
  if (jid !== undefined && jid !== compared.peer) return { tag: 'other-address', jid };
  if (code.version === 3) return { tag: 'old-version' };
  const device = compared.devices.find((known) => known.code.hex === code.hex);
  if (device === undefined) return { tag: 'different' };
  return device.name.instanceTag === instanceTag
    ? { tag: 'match' }
    : { tag: 'match-other', device: device.name };
}
