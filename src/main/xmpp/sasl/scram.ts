// SPDX-License-Identifier: GPL-3.0-or-later

import { createHash, createHmac, pbkdf2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { limits } from '../limits.ts';
import type { Random } from '../ports.ts';
import {
  type BindingFlag,
  type BoundMechanism,
  type Credentials,
  hashOf,
  type Login,
  type LoginStep,
  type ScramMechanism,
} from './login.ts';
import { prepareName, preparePassword } from './saslprep.ts';

const derive = promisify(pbkdf2);

interface Digest {
  readonly name: string;
  readonly length: number;
}

const DIGESTS: Readonly<Record<ScramMechanism, Digest>> = {
  'SCRAM-SHA-512': { name: 'sha512', length: 64 },
  'SCRAM-SHA-256': { name: 'sha256', length: 32 },
  'SCRAM-SHA-1': { name: 'sha1', length: 20 },
};

const NONCE_LENGTH = 24;

/** RFC 5802, section 7; the type is that of RFC 9266. */
const GS2_HEADERS: Readonly<Record<BindingFlag, string>> = {
  p: 'p=tls-exporter,,',
  y: 'y,,',
  n: 'n,,',
};

export interface ScramOptions {
  readonly random: Random;
  readonly flag: BindingFlag;
  /** What the line is known by. Goes into the proof with the flag `p`. */
  readonly binding: Uint8Array | undefined;
}

/** Optional extensions may follow; a mandatory one would stand first ("m=") and has to be refused. */
const SERVER_FIRST =
  /^r=([\x21-\x2b\x2d-\x7e]+),s=([A-Za-z0-9+/]+={0,2}),i=([1-9][0-9]{0,7})(?:,[A-Za-z]=[\x20-\x2b\x2d-\x7e]*)*$/;
const SERVER_FINAL = /^v=([A-Za-z0-9+/]+={0,2})(?:,[A-Za-z]=[\x20-\x2b\x2d-\x7e]*)*$/;

interface ServerFirst {
  readonly text: string;
  readonly nonce: string;
  readonly salt: Uint8Array;
  readonly iterations: number;
}

/** Undefined unless the challenge answers our nonce and asks for a sensible amount of work. */
function parseServerFirst(bytes: Uint8Array, clientNonce: string): ServerFirst | undefined {
  if (bytes.length > limits.saslChallenge) return undefined;
  const text = Buffer.from(bytes).toString('latin1');
  const [, nonce, salt, count] = SERVER_FIRST.exec(text) ?? [];
  if (nonce === undefined || salt === undefined) return undefined;
  if (!nonce.startsWith(clientNonce) || nonce === clientNonce) return undefined;
  const iterations = Number(count);
  if (iterations < limits.scramIterationsMin || iterations > limits.scramIterationsMax) {
    return undefined;
  }
  return { text, nonce, salt: Buffer.from(salt, 'base64'), iterations };
}

function xor(left: Uint8Array, right: Uint8Array): Buffer {
  return Buffer.from(left.map((byte, index) => byte ^ (right[index] ?? 0)));
}

interface Proof {
  readonly clientFinal: Buffer;
  readonly serverSignature: Buffer;
}

/** RFC 5802, section 3. */
async function prove(
  digest: Digest,
  password: Uint8Array,
  { clientFirstBare, bound }: { readonly clientFirstBare: string; readonly bound: Uint8Array },
  server: ServerFirst,
): Promise<Proof> {
  const mac = (key: Uint8Array, data: string): Buffer =>
    createHmac(digest.name, key).update(data).digest();
  const prepared = preparePassword(password);
  const { salt, iterations } = server;
  const salted = await derive(prepared, salt, iterations, digest.length, digest.name);
  prepared.fill(0);
  const withoutProof = `c=${Buffer.from(bound).toString('base64')},r=${server.nonce}`;
  const authMessage = `${clientFirstBare},${server.text},${withoutProof}`;
  const clientKey = mac(salted, 'Client Key');
  const storedKey = createHash(digest.name).update(clientKey).digest();
  const proof = xor(clientKey, mac(storedKey, authMessage)).toString('base64');
  const serverSignature = mac(mac(salted, 'Server Key'), authMessage);
  salted.fill(0);
  clientKey.fill(0);
  return { clientFinal: Buffer.from(`${withoutProof},p=${proof}`), serverSignature };
}

function isProven(bytes: Uint8Array, expected: Buffer): boolean {
  if (bytes.length > limits.saslChallenge) return false;
  const [, signature] = SERVER_FINAL.exec(Buffer.from(bytes).toString('latin1')) ?? [];
  if (signature === undefined) return false;
  const claimed = Buffer.from(signature, 'base64');
  return claimed.length === expected.length && timingSafeEqual(claimed, expected);
}

const NOT_PROVED: LoginStep = { tag: 'failed', reason: 'server-not-proved' };

/**
 * SCRAM (RFC 5802, RFC 7677) from the client's side. A server that does not know the password, or a
 * verifier of it, never gets further than our proof: success counts only after a challenge that
 * continues our nonce, and with the server's own signature.
 */
export function startScram(
  mechanism: ScramMechanism | BoundMechanism,
  credentials: Credentials,
  { random, flag, binding }: ScramOptions,
): Login {
  const hash = hashOf(mechanism);
  if (hash === 'PLAIN') throw new RangeError('not of the SCRAM family');
  const nonce = Buffer.from(random(NONCE_LENGTH)).toString('base64');
  const name = prepareName(credentials.username).replaceAll('=', '=3D').replaceAll(',', '=2C');
  const clientFirstBare = `n=${name},r=${nonce}`;
  const header = Buffer.from(GS2_HEADERS[flag]);
  const bound = flag === 'p' ? Buffer.concat([header, binding ?? new Uint8Array()]) : header;
  let challenged = false;
  let expected: Buffer | undefined;
  return {
    mechanism,
    first: Buffer.from(GS2_HEADERS[flag] + clientFirstBare),
    challenge: async (bytes) => {
      const server = challenged ? undefined : parseServerFirst(bytes, nonce);
      challenged = true;
      if (server === undefined) return NOT_PROVED;
      const said = { clientFirstBare, bound };
      const proof = await prove(DIGESTS[hash], credentials.password, said, server);
      expected = proof.serverSignature;
      return { tag: 'respond', value: proof.clientFinal };
    },
    success: (bytes) =>
      expected !== undefined && isProven(bytes, expected) ? { tag: 'done' } : NOT_PROVED,
  };
}
