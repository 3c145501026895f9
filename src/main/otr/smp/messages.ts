// SPDX-License-Identifier: GPL-3.0-or-later
// OTRv4 "SMP Message 1" to "SMP Message 4": their values on the wire.

import { decodeUtf8, encodeUtf8 } from '../bytes.ts';
import { POINT_LENGTH, SCALAR_LENGTH, toScalar, validatePoint } from '../crypto/ed448.ts';
import type { EcdhPublic, Scalar } from '../crypto/ed448.ts';
import { Reader } from '../codec/reader.ts';
import { Writer } from '../codec/writer.ts';
import { OtrError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import type { Coordinates, CoordinatesProof, ExponentProof, ResultProof } from './proofs.ts';

/** Longest question in UTF-8: four bytes for each character. */
const QUESTION_BYTES = 4 * LIMITS.smpQuestionChars;

/** The initiator's halves of the two generators. */
export interface Smp1 {
  /** Untrusted text; undefined when nothing was asked. */
  readonly question: string | undefined;
  readonly g2a: EcdhPublic;
  readonly g2aProof: ExponentProof;
  readonly g3a: EcdhPublic;
  readonly g3aProof: ExponentProof;
}

/** The responder's halves, and the responder's secret, hidden. */
export interface Smp2 {
  readonly g2b: EcdhPublic;
  readonly g2bProof: ExponentProof;
  readonly g3b: EcdhPublic;
  readonly g3bProof: ExponentProof;
  readonly coordinates: Coordinates;
  readonly coordinatesProof: CoordinatesProof;
}

/** The initiator's secret, hidden, and the initiator's part of the result. */
export interface Smp3 {
  readonly coordinates: Coordinates;
  readonly coordinatesProof: CoordinatesProof;
  readonly ra: EcdhPublic;
  readonly raProof: ResultProof;
}

/** The responder's part of the result. */
export interface Smp4 {
  readonly rb: EcdhPublic;
  readonly rbProof: ResultProof;
}

/**
 * question DATA | G2a POINT | c2 d2 SCALAR | G3a POINT | c3 d3 SCALAR
 *
 * As all of these decoders: points are valid, scalars reduced, proofs not checked.
 *
 * @throws {OtrError} on any deviation, including trailing bytes
 * @see OTRv4 "SMP Message 1"
 */
export function decodeSmp1(value: Uint8Array): Smp1 {
  const read = new Reader(value);
  const question = decodeUtf8(read.data(QUESTION_BYTES, 'smp1.question'));
  if (question.length > LIMITS.smpQuestionChars) throw new OtrError('too-large', 'smp1.question');
  const g2 = readHalf(read);
  const g3 = readHalf(read);
  read.end('smp1');
  return {
    question: question === '' ? undefined : question,
    g2a: validatePoint(g2.point, 'smp1.g2a'),
    g2aProof: g2.proof,
    g3a: validatePoint(g3.point, 'smp1.g3a'),
    g3aProof: g3.proof,
  };
}

/** @see OTRv4 "SMP Message 1" */
export function encodeSmp1(message: Smp1): Uint8Array {
  const { question, g2a, g2aProof, g3a, g3aProof } = message;
  const write = new Writer().data(encodeUtf8(question ?? ''));
  writeHalf(write, g2a, g2aProof);
  writeHalf(write, g3a, g3aProof);
  return write.finish();
}

/**
 * G2b POINT | c2 d2 SCALAR | G3b POINT | c3 d3 SCALAR | Pb Qb POINT | cp d5 d6 SCALAR
 * @see OTRv4 "SMP Message 2"
 */
export function decodeSmp2(value: Uint8Array): Smp2 {
  const read = new Reader(value);
  const g2 = readHalf(read);
  const g3 = readHalf(read);
  const hidden = readCoordinates(read);
  read.end('smp2');
  return {
    g2b: validatePoint(g2.point, 'smp2.g2b'),
    g2bProof: g2.proof,
    g3b: validatePoint(g3.point, 'smp2.g3b'),
    g3bProof: g3.proof,
    coordinates: toCoordinates(hidden, 'smp2'),
    coordinatesProof: hidden.proof,
  };
}

/** @see OTRv4 "SMP Message 2" */
export function encodeSmp2(message: Smp2): Uint8Array {
  const write = new Writer();
  writeHalf(write, message.g2b, message.g2bProof);
  writeHalf(write, message.g3b, message.g3bProof);
  writeCoordinates(write, message.coordinates, message.coordinatesProof);
  return write.finish();
}

/**
 * Pa Qa POINT | cp d5 d6 SCALAR | Ra POINT | cr d7 SCALAR
 * @see OTRv4 "SMP Message 3"
 */
export function decodeSmp3(value: Uint8Array): Smp3 {
  const read = new Reader(value);
  const hidden = readCoordinates(read);
  const result = readResult(read);
  read.end('smp3');
  return {
    coordinates: toCoordinates(hidden, 'smp3'),
    coordinatesProof: hidden.proof,
    ra: validatePoint(result.point, 'smp3.ra'),
    raProof: result.proof,
  };
}

/** @see OTRv4 "SMP Message 3" */
export function encodeSmp3(message: Smp3): Uint8Array {
  const write = new Writer();
  writeCoordinates(write, message.coordinates, message.coordinatesProof);
  writeResult(write, message.ra, message.raProof);
  return write.finish();
}

/**
 * Rb POINT | cr d7 SCALAR
 * @see OTRv4 "SMP Message 4"
 */
export function decodeSmp4(value: Uint8Array): Smp4 {
  const read = new Reader(value);
  const result = readResult(read);
  read.end('smp4');
  return { rb: validatePoint(result.point, 'smp4.rb'), rbProof: result.proof };
}

/** @see OTRv4 "SMP Message 4" */
export function encodeSmp4({ rb, rbProof }: Smp4): Uint8Array {
  const write = new Writer();
  writeResult(write, rb, rbProof);
  return write.finish();
}

// Points are validated after the whole message has been read: a message that is cut short costs nothing.

function readPoint(read: Reader): Uint8Array {
  return read.fixed(POINT_LENGTH, 'smp.point');
}

function readScalar(read: Reader): Scalar {
  return toScalar(read.fixed(SCALAR_LENGTH, 'smp.scalar'));
}

function readHalf(read: Reader): { readonly point: Uint8Array; readonly proof: ExponentProof } {
  return { point: readPoint(read), proof: { c: readScalar(read), d: readScalar(read) } };
}

function writeHalf(write: Writer, point: EcdhPublic, { c, d }: ExponentProof): void {
  write.bytes(point).bytes(c).bytes(d);
}

function readResult(read: Reader): { readonly point: Uint8Array; readonly proof: ResultProof } {
  return { point: readPoint(read), proof: { cr: readScalar(read), d7: readScalar(read) } };
}

function writeResult(write: Writer, point: EcdhPublic, { cr, d7 }: ResultProof): void {
  write.bytes(point).bytes(cr).bytes(d7);
}

interface UncheckedCoordinates {
  readonly p: Uint8Array;
  readonly q: Uint8Array;
  readonly proof: CoordinatesProof;
}

function readCoordinates(read: Reader): UncheckedCoordinates {
  const p = readPoint(read);
  const q = readPoint(read);
  const proof = { cp: readScalar(read), d5: readScalar(read), d6: readScalar(read) };
  return { p, q, proof };
}

function toCoordinates({ p, q }: UncheckedCoordinates, message: string): Coordinates {
  return { p: validatePoint(p, `${message}.p`), q: validatePoint(q, `${message}.q`) };
}

function writeCoordinates(write: Writer, { p, q }: Coordinates, proof: CoordinatesProof): void {
  write.bytes(p).bytes(q).bytes(proof.cp).bytes(proof.d5).bytes(proof.d6);
}
