// SPDX-License-Identifier: GPL-3.0-or-later

import type { Agent, Stanzas } from 'stanza';
import type { RequestResult } from './client.ts';

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** stanza rejects a request with the error stanza itself, or one that it made up. */
export function toErrorCondition(rejection: unknown): string {
  const error = isRecord(rejection) ? rejection.error : undefined;
  const condition = isRecord(error) ? error.condition : undefined;
  return typeof condition === 'string' ? condition : 'undefined-condition';
}

/** Sends a request whose answer holds nothing of interest. */
export async function request(agent: Agent, iq: Stanzas.IQ): Promise<RequestResult> {
  try {
    await agent.sendIQ(iq);
    return { tag: 'done' };
  } catch (rejection) {
    return { tag: 'refused', condition: toErrorCondition(rejection) };
  }
}
