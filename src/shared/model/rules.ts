// SPDX-License-Identifier: GPL-3.0-or-later

import * as v from 'valibot';

/** When to talk off the record with a contact. `always` never sends in clear. */
export const OtrRule = v.picklist(['never', 'when-asked', 'whenever', 'always']);
export type OtrRule = v.InferOutput<typeof OtrRule>;

/** What happens when the contact starts. Strangers are always ignored until accepted. */
export const AcceptRule = v.picklist(['ask', 'verified', 'contacts']);
export type AcceptRule = v.InferOutput<typeof AcceptRule>;

/** How long off-the-record messages stay in memory on this side. */
export const KeepRule = v.picklist(['until-end', 'until-quit', 'hour', 'day', 'week']);
export type KeepRule = v.InferOutput<typeof KeepRule>;

/** Which devices of a contact get messages: all verified ones, one, or the one last active. */
export const SendTo = v.picklist(['verified', 'chosen', 'last-active']);
export type SendTo = v.InferOutput<typeof SendTo>;

export const Rules = v.strictObject({
  otr: OtrRule,
  accept: AcceptRule,
  /** Refuse to send to a device that is not verified. */
  verifiedOnly: v.boolean(),
  keep: KeepRule,
  /** Begin nothing while the contact is away: what is written then waits here. */
  liveOnly: v.boolean(),
});
export type Rules = v.InferOutput<typeof Rules>;
