// SPDX-License-Identifier: GPL-3.0-or-later

import { randomBytes } from 'node:crypto';
import { parseArmor } from '#otr/codec/armor.ts';
import { decodeAuthR } from '#otr/codec/auth-r.ts';
import { classify } from '#otr/codec/classify.ts';
import { type ClientProfile, decodeClientProfile } from '#otr/codec/client-profile.ts';
import { decodeIdentity } from '#otr/codec/identity.ts';
import type { Env } from '#otr/env.ts';
import { OtrError } from '#otr/errors.ts';
import type { Role } from '#otr/forging/stage.ts';
import type { ForgedLine } from '#otr/forging/transcript.ts';
import { type ValidClientProfile, validateClientProfile } from '#otr/profile/client-profile.ts';
import { decodeEnsemble } from '#otr/prekey/message/ensemble-retrieval.ts';
import { type ValidEnsemble, validateEnsemble } from '#otr/profile/ensemble.ts';
import { Complaint } from './complaint.ts';
import { isPublished, toEnsemble } from './exhibits.ts';
import { readBytes, readText } from './files.ts';

/** The one encoded message in a file, with or without the address a transcript has before it. */
export function readMessage(path: string): Uint8Array {
  const [body, ...more] = bodiesIn(readText(path));
  if (body === undefined || more.length > 0) {
    throw new Complaint(
      `${path} has to hold exactly one OTR message.`,
      'That is one line that begins with ?OTR: and ends with a full stop.',
    );
  }
  return parseArmor(body);
}

/** The encoded messages in a text, one on a line. */
export function bodiesIn(text: string): readonly string[] {
  return text.split('\n').flatMap((line) => {
    const at = line.indexOf('?OTR:');
    return at === -1 || line.trimStart().startsWith('#') ? [] : [line.slice(at).trim()];
  });
}

/**
 * A Client Profile as its owner published it: as bytes, as base64, or inside the Identity or Auth-R
 * message that carried it.
 */
export function readProfile(path: string, env: Env): ValidClientProfile {
  const profile = decodeProfile(path);
  try {
    return validateClientProfile(profile, profile.ownerTag, env.nowMs());
  } catch (cause) {
    if (!(cause instanceof OtrError)) throw cause;
    const expiry = new Date(profile.expiresAt).toISOString();
    throw new Complaint(
      `The profile in ${path} does not hold (${cause.message}).`,
      cause.code === 'expired'
        ? `It expired on ${expiry}. Choose a day on which it was in force: --at YYYY-MM-DD`
        : 'Take it again from where it was published, or from a message that carried it.',
    );
  }
}

function decodeProfile(path: string): ClientProfile {
  const bytes = readBytes(path);
  const text = new TextDecoder().decode(bytes).trim();
  const [body] = bodiesIn(text);
  if (body !== undefined) {
    const kind = classify(body);
    const carried = kind.kind === 'message' ? kind.message : undefined;
    if (carried === 'identity') return decodeIdentity(parseArmor(body)).profile;
    if (carried === 'auth-r') return decodeAuthR(parseArmor(body)).profile;
    throw new Complaint(
      `The message in ${path} carries no profile.`,
      'Identity and Auth-R messages do: the first two of a conversation.',
    );
  }
  const isText = /^[A-Za-z0-9+/=\s]+$/.test(text);
  return decodeClientProfile(isText ? new Uint8Array(Buffer.from(text, 'base64')) : bytes);
}

/** The machine's own chance, and the day on which the conversation is to have been. */
export function envAt(at: string | undefined): Env {
  const day = at === undefined ? Date.now() : Date.parse(at);
  if (Number.isNaN(day)) {
    throw new Complaint(`${at ?? ''} is not a date.`, 'Write it as 2026-01-31, or with the time.');
  }
  const started = performance.now();
  return {
    random: (length) => new Uint8Array(randomBytes(length)),
    nowMs: () => day + Math.round(performance.now() - started),
    monotonicMs: () => performance.now(),
  };
}

/** "initiator: text" on each line, or the address, or the part of it before the @. */
export function parseScript(
  text: string,
  addresses: Readonly<Record<Role, string>>,
): readonly ForgedLine[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  if (lines.length === 0) {
    throw new Complaint('The script is empty.', 'Write what was said, such as:  alice: hello');
  }
  return lines.map((line) => {
    const colon = line.indexOf(':');
    const sender = roleOf(line.slice(0, Math.max(0, colon)).trim(), addresses);
    const said = line.slice(colon + 1).trim();
    if (sender === undefined || said === '') {
      throw new Complaint(
        `“${line}” does not say who said what.`,
        `Begin the line with ${addresses.initiator}: or ${addresses.responder}:`,
      );
    }
    return { sender, text: said };
  });
}

/** A Prekey Ensemble: as bytes, as base64, or as the prekey server's answer with one in it. */
export function readEnsemble(path: string, env: Env): ValidEnsemble {
  const content = readBytes(path);
  const text = new TextDecoder().decode(content).trim();
  const ensemble = isPublished(text) ? toEnsemble(text) : decodeEnsemble(content);
  try {
    return validateEnsemble(ensemble, env.nowMs());
  } catch (cause) {
    if (!(cause instanceof OtrError)) throw cause;
    throw new Complaint(
      `The Prekey Ensemble in ${path} does not hold (${cause.message}).`,
      'Its parts have to be of one device, and in force: --at YYYY-MM-DD chooses the day.',
    );
  }
}

export function roleOf(name: string, addresses: Readonly<Record<Role, string>>): Role | undefined {
  const roles: readonly Role[] = ['initiator', 'responder'];
  return roles.find((role) => {
    const address = addresses[role];
    return [role, address, address.slice(0, address.indexOf('@'))].includes(name);
  });
}
