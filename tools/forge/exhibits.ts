// SPDX-License-Identifier: GPL-3.0-or-later

import { parseArmor } from '#otr/codec/armor.ts';
import { classify, type OtrMessageKind } from '#otr/codec/classify.ts';
import { parseFragment } from '#otr/codec/fragment.ts';
import { addFragment, NO_FRAGMENTS } from '#otr/codec/reassembly.ts';
import { parsePrekeyArmor } from '#otr/prekey/armor.ts';
import { decodeEnsemble, decodeEnsembleRetrieval } from '#otr/prekey/message/ensemble-retrieval.ts';
import type { Ensemble } from '#otr/profile/ensemble.ts';
import { Complaint } from './complaint.ts';

/** One body, and the bare address it came from. */
export interface Exhibit {
  readonly from: string;
  readonly body: string;
}

/** A whole encoded message. */
export interface Message {
  readonly from: string;
  readonly kind: OtrMessageKind;
  readonly bytes: Uint8Array;
}

/** What somebody published: its parts one after another, or as a prekey server hands them out. */
const PUBLISHED = /^[A-Za-z0-9+/]{200,}={0,2}\.?$/;

export const isPublished = (body: string): boolean => PUBLISHED.test(body);

/** What the text stands for; of a server's answer, its first ensemble. */
export function publishedBytes(text: string): Uint8Array {
  if (!text.endsWith('.')) return new Uint8Array(Buffer.from(text, 'base64'));
  const [ensemble] = decodeEnsembleRetrieval(parsePrekeyArmor(text)).ensembles;
  return new Uint8Array(ensemble === undefined ? [] : toBytes(ensemble));
}

/** @throws {OtrError} when it is no Prekey Ensemble */
export function toEnsemble(body: string): Ensemble {
  return decodeEnsemble(publishedBytes(body));
}

type Parts = Readonly<
  Record<'clientProfile' | 'prekeyProfile' | 'prekeyMessage', { readonly raw: Uint8Array }>
>;

function toBytes({ clientProfile, prekeyProfile, prekeyMessage }: Parts): Buffer {
  return Buffer.concat([clientProfile.raw, prekeyProfile.raw, prekeyMessage.raw]);
}

export function formatEnsemble(ensemble: Parts): string {
  return toBytes(ensemble).toString('base64');
}

/** "address body" on each line, as `transcript` writes it; empty lines and `#` comments are skipped. */
export function parseExhibits(text: string): readonly Exhibit[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line, index) => {
      const [from = '', body = '', ...rest] = line.split(/\s+/);
      if (!(body.startsWith('?OTR') || isPublished(body)) || rest.length > 0) {
        throw new Complaint(
          `Line ${index + 1} of the transcript is not an address and an OTR message.`,
          'Each line has to look like:  alice@example.org ?OTR:AAQ…',
        );
      }
      return { from, body };
    });
}

export function formatExhibits(exhibits: readonly Exhibit[]): string {
  return exhibits.map(({ from, body }) => `${from} ${body}\n`).join('');
}

/** The encoded messages among the bodies, fragments put together. */
export function toMessages(exhibits: readonly Exhibit[]): readonly Message[] {
  let fragments = NO_FRAGMENTS;
  return exhibits.flatMap(({ from, body }) => {
    if (classify(body).kind !== 'fragment') return toMessage(from, body);
    const step = addFragment(fragments, parseFragment(body), 0);
    fragments = step.next;
    return step.tag === 'complete' ? toMessage(from, step.message) : [];
  });
}

function toMessage(from: string, body: string): readonly Message[] {
  const kind = classify(body);
  return kind.kind === 'message'
    ? [{ from, kind: kind.message, bytes: parseArmor(body.trim()) }]
    : [];
}
