// SPDX-License-Identifier: GPL-3.0-or-later
import type { Env } from '#otr/env.ts';
import { parsePrekeyArmor } from '#otr/prekey/armor.ts';
import { createPrekeyClient, stepPrekeyClient } from '#otr/prekey/client/client.ts';
import type {
  PrekeyClient,
  PrekeyClientContext,
  PrekeyClientEffect,
  PrekeyClientInput,
  PrekeyClientStep,
} from '#otr/prekey/client/state.ts';
import { createPrekeyServer, stepPrekeyServer } from '#otr/prekey/server/server.ts';
import { answerCount, answerPublication, answerQuery } from '#otr/prekey/server/replies.ts';
import type {
  PrekeyServer,
  PrekeyServerContext,
  PrekeyServerEffect,
  PrekeyServerStep,
} from '#otr/prekey/server/state.ts';

import { KNOWN_NOW_MS } from './labelled-random.ts';
import { serverContext } from './prekey-parties.ts';
import { PrekeyShelves } from './prekey-shelves.ts';
import { seededEnv } from './seeded-env.ts';

/** Both clocks of a test, moved by hand. */
export class PrekeyClock {
  wallMs = KNOWN_NOW_MS;
  monotonicMs = 1000;

  pass(ms: number): void {
    this.wallMs += ms;
    this.monotonicMs += ms;
  }

  env(seed: string): Env {
    const source = seededEnv(seed);
    return { ...source, nowMs: () => this.wallMs, monotonicMs: () => this.monotonicMs };
  }
}

/** A prekey server with its store: bodies in, bodies out. */
export class TestServer {
  state: PrekeyServer;
  readonly shelves = new PrekeyShelves();
  /** Everything the last body led to, what the store answered included. */
  effects: readonly PrekeyServerEffect[] = [];
  storeIsDown = false;
  readonly #env: Env;

  constructor(clock: PrekeyClock, change: Partial<PrekeyServerContext> = {}) {
    this.state = createPrekeyServer(serverContext(change));
    this.#env = clock.env('prekey server');
  }

  /** A step that is not taken: nothing is committed, nothing is wiped. */
  peek(from: string, body: string): PrekeyServerStep {
    return stepPrekeyServer(this.state, { tag: 'receive', from, body }, this.#env);
  }

  receive(from: string, body: string): readonly string[] {
    const step = stepPrekeyServer(this.state, { tag: 'receive', from, body }, this.#env);
    this.state = step.next;
    return this.#perform(step.effects);
  }

  tick(): void {
    const step = stepPrekeyServer(this.state, { tag: 'tick' }, this.#env);
    this.state = step.next;
    this.#perform(step.effects);
  }

  /** The reasons why nothing came back. */
  get ignored(): readonly string[] {
    return this.effects.flatMap((effect) => (effect.tag === 'ignored' ? [effect.why] : []));
  }

  #perform(effects: readonly PrekeyServerEffect[]): readonly string[] {
    this.effects = effects.flatMap((effect) => [effect, ...this.#answer(effect)]);
    for (const effect of this.effects) {
      if (effect.tag === 'retire') for (const secret of effect.secrets) secret.wipe();
    }
    return this.effects.flatMap((effect) => (effect.tag === 'transmit' ? [effect.body] : []));
  }

  #answer(effect: PrekeyServerEffect): readonly PrekeyServerEffect[] {
    const nowMs = this.#env.nowMs();
    switch (effect.tag) {
      case 'store': {
        const { command, ticket } = effect;
        return answerPublication(
          ticket,
          this.storeIsDown ? 'unavailable' : this.shelves.publish(command, nowMs),
        );
      }
      case 'count': {
        const { command, ticket } = effect;
        return answerCount(ticket, this.storeIsDown ? 'unavailable' : this.shelves.count(command));
      }
      case 'take': {
        const { command, ticket } = effect;
        return answerQuery(
          ticket,
          this.storeIsDown ? 'unavailable' : this.shelves.take(command, nowMs),
        );
      }
      default:
        return [];
    }
  }
}

/** A client on one device: inputs in, bodies out. */
export class TestClient {
  state: PrekeyClient;
  readonly effects: PrekeyClientEffect[] = [];
  /** Effects of the last input. */
  last: readonly PrekeyClientEffect[] = [];
  readonly from: string;
  readonly #env: Env;

  constructor(clock: PrekeyClock, context: PrekeyClientContext, resource = 'desk') {
    this.state = createPrekeyClient(context);
    this.from = `${context.ourJid}/${resource}`;
    this.#env = clock.env(`prekey client ${resource}`);
  }

  /** A step that is not taken: nothing is committed, nothing is wiped. */
  peek(input: PrekeyClientInput): PrekeyClientStep & { readonly bodies: readonly string[] } {
    const step = stepPrekeyClient(this.state, input, this.#env);
    const bodies = step.effects.flatMap((effect) =>
      effect.tag === 'transmit' ? [effect.body] : [],
    );
    return { ...step, bodies };
  }

  step(input: PrekeyClientInput): readonly string[] {
    const { next, effects } = stepPrekeyClient(this.state, input, this.#env);
    this.state = next;
    this.last = effects;
    this.effects.push(...effects);
    for (const effect of effects) {
      if (effect.tag === 'retire') for (const secret of effect.secrets) secret.wipe();
    }
    return effects.flatMap((effect) => (effect.tag === 'transmit' ? [effect.body] : []));
  }

  receive(body: string): readonly string[] {
    return this.step({ tag: 'receive', from: this.state.context.serverJid, body });
  }

  /** Tags of the last effects, but for housekeeping. */
  get told(): readonly string[] {
    return this.last.map(({ tag }) => tag).filter((tag) => tag !== 'retire' && tag !== 'transmit');
  }
}

/** Lets client and server speak until both are silent. @returns every body, in order */
export function converse(
  client: TestClient,
  server: TestServer,
  input: PrekeyClientInput,
): readonly string[] {
  const said: string[] = [];
  let bodies = client.step(input);
  while (bodies.length > 0) {
    said.push(...bodies);
    const replies = bodies.flatMap((body) => server.receive(client.from, body));
    said.push(...replies);
    bodies = replies.flatMap((reply) => client.receive(reply));
  }
  return said;
}

/** The types of encoded messages. */
export function typesOf(bodies: readonly string[]): readonly (number | undefined)[] {
  return bodies.map((body) => parsePrekeyArmor(body)[2]);
}
