// SPDX-License-Identifier: GPL-3.0-or-later

import type * as v from 'valibot';
import type { AppError } from '../errors/app-error.ts';
import type { Result } from '../std/result.ts';

type Schema = v.GenericSchema;

/** A question the renderer may ask main. */
export interface RequestChannel<S extends Schema = Schema, Reply = unknown> {
  readonly kind: 'request';
  readonly input: S;
  /** Exists in the type only. */
  readonly reply?: Reply;
}

/** Something main tells the renderer. Carries the whole new view, so that hearing it twice is harmless. */
export interface EventChannel<Payload = unknown> {
  readonly kind: 'event';
  /** Exists in the type only. */
  readonly payload?: Payload;
}

export type Contract = Readonly<Record<string, RequestChannel | EventChannel>>;

export const request = <S extends Schema>(input: S) => ({
  returns: <Reply>(): RequestChannel<S, Reply> => ({ kind: 'request', input }),
});

export const event = <Payload>(): EventChannel<Payload> => ({ kind: 'event' });

export type RequestName<C extends Contract> = {
  [N in keyof C]: C[N] extends RequestChannel ? N : never;
}[keyof C] &
  string;

export type EventName<C extends Contract> = {
  [N in keyof C]: C[N] extends EventChannel ? N : never;
}[keyof C] &
  string;

type InputOf<Channel> = Channel extends RequestChannel<infer S> ? v.InferInput<S> : never;
type ParsedOf<Channel> = Channel extends RequestChannel<infer S> ? v.InferOutput<S> : never;
type ReplyOf<Channel> = Channel extends RequestChannel<Schema, infer R> ? R : never;
type PayloadOf<Channel> = Channel extends EventChannel<infer P> ? P : never;

export type RequestInput<C extends Contract, N extends RequestName<C>> = InputOf<C[N]>;
export type RequestReply<C extends Contract, N extends RequestName<C>> = ReplyOf<C[N]>;
export type EventPayload<C extends Contract, N extends EventName<C>> = PayloadOf<C[N]>;

/** Main's side: one function for each request, its input already validated. */
export type Handlers<C extends Contract> = {
  readonly [N in RequestName<C>]: (input: ParsedOf<C[N]>) => ReplyOf<C[N]> | Promise<ReplyOf<C[N]>>;
};

/** Main's side of events. */
export type Publish<C extends Contract> = <N extends EventName<C>>(
  name: N,
  payload: PayloadOf<C[N]>,
) => void;

/** The renderer's side. */
export interface Client<C extends Contract> {
  readonly request: <N extends RequestName<C>>(
    name: N,
    input: InputOf<C[N]>,
  ) => Promise<Result<ReplyOf<C[N]>, AppError>>;
  /** @returns a function that stops listening */
  readonly on: <N extends EventName<C>>(
    name: N,
    listen: (payload: PayloadOf<C[N]>) => void,
  ) => () => void;
}
