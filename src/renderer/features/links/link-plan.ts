// SPDX-License-Identifier: GPL-3.0-or-later

import type { ContactView } from '#shared/model/contact.ts';
import type { BareJid } from '#shared/model/jid.ts';
import type { LinkedCode, LinkRefusal, LinkView } from '#shared/model/link.ts';

/** What the user can agree to about a link. */
export type LinkPlan =
  | { readonly tag: 'refused'; readonly why: LinkRefusal | 'has-account' | 'own' | 'not-contact' }
  | { readonly tag: 'remove'; readonly contact: ContactView }
  | {
      readonly tag: 'open';
      readonly jid: BareJid;
      /** Undefined: they become a contact by it. */
      readonly contact: ContactView | undefined;
      /** As the link calls them. */
      readonly name: string | undefined;
      /** For the field; never sent by opening. */
      readonly text: string | undefined;
      readonly cut: boolean;
      readonly code: LinkedCode | undefined;
    };

/** @param ours the address of the account that is open */
export function planOf(
  { link }: LinkView,
  ours: BareJid | undefined,
  contacts: readonly ContactView[],
): LinkPlan {
  if (link.tag === 'refused') return link;
  if (link.tag === 'register') return { tag: 'refused', why: 'has-account' };
  if (link.jid === ours) return { tag: 'refused', why: 'own' };
  const contact = contacts.find(({ jid }) => jid === link.jid);
  const { action, jid, code } = link;
  if (action.tag === 'remove') {
    return contact === undefined
      ? { tag: 'refused', why: 'not-contact' }
      : { tag: 'remove', contact };
  }
  return {
    tag: 'open',
    jid,
    contact,
    name: action.tag === 'add' ? action.name : undefined,
    text: action.tag === 'message' ? action.text : undefined,
    cut: action.tag === 'message' && action.cut,
    code,
  };
}

type OpenPlan = Extract<LinkPlan, { readonly tag: 'open' }>;

/** What the sheet is about: the thing that the user may not want comes first. */
export function kindOf({ contact, text }: OpenPlan): 'add' | 'message' | 'chat' {
  if (contact === undefined) return 'add';
  return text === undefined ? 'chat' : 'message';
}

/** What the button says that the click does. */
export function actionOf(plan: OpenPlan): 'add' | 'compare' | 'message' | 'chat' {
  const kind = kindOf(plan);
  return kind === 'chat' && plan.code?.version === 4 ? 'compare' : kind;
}
