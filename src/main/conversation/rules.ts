// SPDX-License-Identifier: GPL-3.0-or-later

import { permitsClear } from '#otr';
import type { Rules } from '#shared/model/rules.ts';
import type { ContactRow, RuleOverrides } from '#main/store/rows.ts';
import type { World } from './ports.ts';
import type { Turn } from './turn.ts';

/**
 * What holds for a contact: what the user set for them, else what holds for all. An account that
 * cannot speak in clear never does, whatever was set.
 */
export function rulesOf(world: World, contact: ContactRow | undefined): Rules {
  const chosen = chosenRules(world, contact);
  return permitsClear(world.mode()) ? chosen : { ...chosen, otr: 'always' };
}

function chosenRules(world: World, contact: ContactRow | undefined): Rules {
  const defaults = world.settings().rules;
  if (contact === undefined) return defaults;
  const { otr, accept, verifiedOnly, keep, liveOnly } = contact.rules;
  return {
    otr: otr ?? defaults.otr,
    accept: accept ?? defaults.accept,
    verifiedOnly: verifiedOnly ?? defaults.verifiedOnly,
    keep: keep ?? defaults.keep,
    liveOnly: liveOnly ?? defaults.liveOnly,
  };
}

/** Only what differs from the defaults is stored, so that a later change of those reaches everyone. */
export function toOverrides(rules: Rules, known: RuleOverrides, defaults: Rules): RuleOverrides {
  const pick = <Name extends keyof Rules>(name: Name): Rules[Name] | undefined =>
    known[name] === undefined && rules[name] === defaults[name] ? undefined : rules[name];
  return {
    otr: pick('otr'),
    accept: pick('accept'),
    verifiedOnly: pick('verifiedOnly'),
    keep: pick('keep'),
    liveOnly: pick('liveOnly'),
  };
}

/** Whether we talk with this person at all. Everyone else gets no answer of any kind (ux A1). */
export const isAccepted = (contact: ContactRow | undefined): contact is ContactRow =>
  contact !== undefined && contact.inRoster && !contact.blocked;

/** After the first success nothing is sent to an unverified device of this contact (BTBV). */
export function requireVerified(world: World, turn: Turn): void {
  turn.write((tx) => {
    const contact = world.store.contacts.get(turn.chat.id);
    if (contact === undefined || contact.rules.verifiedOnly !== undefined) return;
    world.store.contacts.saveRules(tx, contact.id, { ...contact.rules, verifiedOnly: true });
  });
}
