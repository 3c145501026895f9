// SPDX-License-Identifier: GPL-3.0-or-later
// Prekey Server "Key Exchange", "Retrieving Prekey Ensembles": from an answer of the store to a reply.

import { formatPrekeyArmor } from '../armor.ts';
import { macOfFailure, macOfStatus, macOfSuccess } from '../mac.ts';
import { encodeEnsembleRetrieval } from '../message/ensemble-retrieval.ts';
import type { RawEnsemble } from '../message/ensemble-retrieval.ts';
import { encodeNoEnsembles, NO_ENSEMBLES_TEXT } from '../message/no-ensembles.ts';
import { encodeFailure, encodeSuccess } from '../message/outcome.ts';
import { encodeStorageStatus } from '../message/storage-status.ts';
import type { AuthenticatedTicket, PrekeyServerEffect, QueryTicket } from './state.ts';

/** The store could not be asked, or did not commit. */
export type Unavailable = 'unavailable';

/** Success once everything is committed, Failure when nothing was stored. */
export function answerPublication(
  ticket: AuthenticatedTicket,
  outcome: 'stored' | 'refused' | Unavailable,
): readonly PrekeyServerEffect[] {
  return outcome === 'stored'
    ? reply(ticket, encodeSuccess(withMac(ticket, macOfSuccess)))
    : answerFailure(ticket);
}

export function answerCount(
  ticket: AuthenticatedTicket,
  count: number | Unavailable,
): readonly PrekeyServerEffect[] {
  if (count === 'unavailable') return answerFailure(ticket);
  const { receiverTag, macKey } = ticket;
  const mac = macOfStatus(macKey, receiverTag, count);
  return reply(ticket, encodeStorageStatus({ receiverTag, count, mac }));
}

export function answerFailure(ticket: AuthenticatedTicket): readonly PrekeyServerEffect[] {
  return reply(ticket, encodeFailure(withMac(ticket, macOfFailure)));
}

function withMac(
  { receiverTag, macKey }: AuthenticatedTicket,
  macOf: typeof macOfSuccess,
): { readonly receiverTag: typeof receiverTag; readonly mac: Uint8Array } {
  return { receiverTag, mac: macOf(macKey, receiverTag) };
}

function reply(
  { to, macKey }: AuthenticatedTicket,
  bytes: Uint8Array,
): readonly PrekeyServerEffect[] {
  return [transmit(to, bytes), { tag: 'retire', secrets: [macKey] }];
}

/** @param taken deleted from the store, and committed */
export function answerQuery(
  ticket: QueryTicket,
  taken: readonly RawEnsemble[] | Unavailable,
): readonly PrekeyServerEffect[] {
  const { to, receiverTag, identity } = ticket;
  if (taken === 'unavailable') return [{ tag: 'reject', to, why: 'resource-constraint' }];
  return [
    transmit(
      to,
      taken.length === 0
        ? encodeNoEnsembles({ receiverTag, identity, text: NO_ENSEMBLES_TEXT })
        : encodeEnsembleRetrieval({ receiverTag, identity, ensembles: taken }),
    ),
  ];
}

function transmit(to: string, bytes: Uint8Array): PrekeyServerEffect {
  return { tag: 'transmit', to, body: formatPrekeyArmor(bytes) };
}
