// SPDX-License-Identifier: GPL-3.0-or-later

import type { Agent, Stanzas } from 'stanza';
import { domainOf, localOf } from '#shared/model/jid.ts';
import { buildAgent } from './agent.ts';
import type { RegisterAccount, RegisterOutcome } from './client.ts';
import { judge } from './gate.ts';
import { delays } from './limits.ts';
import { toErrorCondition } from './requests.ts';

/** What a plain registration asks for (XEP-0077, section 3.1.1); anything more needs a form. */
const PLAIN_FIELDS: ReadonlySet<string> = new Set(['instructions', 'username', 'password']);
const FORM_FIELDS: ReadonlySet<string> = new Set(['FORM_TYPE', 'username', 'password']);

const isHttps = (url: string): boolean => URL.canParse(url) && new URL(url).protocol === 'https:';

/** Whether a name and a password are all that the server asks for, in either form. */
function isPlain({ askedFor = [], form }: Stanzas.AccountManagement): boolean {
  const moreInForm = (form?.fields ?? []).some(
    ({ name = '', required = false }) => required && !FORM_FIELDS.has(name),
  );
  if (moreInForm || askedFor.some((field) => !PLAIN_FIELDS.has(field))) return false;
  return askedFor.includes('username') && askedFor.includes('password');
}

/** Undefined when a name and a password are enough. */
function toFormDemand(account: Stanzas.AccountManagement): RegisterOutcome | undefined {
  if (isPlain(account)) return undefined;
  const url = account.registrationLink?.url;
  return { tag: 'needs-form', url: url !== undefined && isHttps(url) ? url : undefined };
}

function toRefusal(condition: string): RegisterOutcome {
  switch (condition) {
    case 'conflict':
      return { tag: 'conflict' };
    case 'not-acceptable':
    case 'bad-request':
    case 'jid-malformed':
    case 'policy-violation':
      return { tag: 'not-acceptable' };
    case 'timeout':
      return { tag: 'failed', reason: 'timeout' };
    case 'resource-constraint':
    case 'internal-server-error':
      return { tag: 'failed', reason: 'server-busy' };
    default:
      return { tag: 'not-allowed' };
  }
}

/** @returns undefined to go on: also where the server knows nothing of invitations */
async function showInvitation(
  agent: Agent,
  to: string,
  token: string | undefined,
): Promise<RegisterOutcome | undefined> {
  if (token === undefined) return undefined;
  try {
    await agent.sendIQ({ type: 'set', to, preauth: { token } });
    return undefined;
  } catch (rejection) {
    const condition = toErrorCondition(rejection);
    const isUnknown = ['service-unavailable', 'feature-not-implemented'].includes(condition);
    return isUnknown ? undefined : toInvitationRefusal(condition);
  }
}

function toInvitationRefusal(condition: string): RegisterOutcome {
  const refusal = toRefusal(condition);
  return refusal.tag === 'failed' ? refusal : { tag: 'invitation-refused' };
}

interface Application {
  readonly username: string;
  readonly password: string;
  readonly token: string | undefined;
}

async function converse(
  agent: Agent,
  to: string,
  { token, ...account }: Application,
): Promise<RegisterOutcome> {
  const refused = await showInvitation(agent, to, token);
  if (refused !== undefined) return refused;
  try {
    const form: Stanzas.IQ = await agent.sendIQ({ type: 'get', to, account: {} });
    const demand = toFormDemand(form.account ?? {});
    if (demand !== undefined) return demand;
    await agent.sendIQ({ type: 'set', to, account });
    return { tag: 'registered' };
  } catch (rejection) {
    return toRefusal(toErrorCondition(rejection));
  }
}

export const registerAccount: RegisterAccount = async (server, password, deps, token) => {
  const { promise, resolve } = Promise.withResolvers<RegisterOutcome>();
  const { agent, transport } = buildAgent({
    server,
    resource: undefined,
    deps,
    hooks: {
      judge: (kind, stanza) =>
        judge(kind, stanza, {
          stage: 'registration',
          own: server.jid,
          maySeeUs: () => false,
          spendAnswer: () => false,
          unacknowledged: 0,
          lastAcknowledged: 0,
        }),
      heard: () => undefined,
      ended: (reason) => {
        resolve({ tag: 'failed', reason });
      },
    },
  });
  const cancelDeadline = deps.clock.after(delays.connect, () => {
    transport()?.fail('timeout');
  });
  agent.on('features', () => {
    const application = {
      username: localOf(server.jid),
      password: new TextDecoder().decode(password),
      token,
    };
    void converse(agent, domainOf(server.jid), application).then(resolve);
  });
  agent.connect();
  const outcome = await promise;
  cancelDeadline();
  const gone = Promise.withResolvers<undefined>();
  agent.once('disconnected', () => {
    gone.resolve(undefined);
  });
  agent.disconnect();
  await gone.promise;
  deps.note('xmpp.registration', { outcome: outcome.tag });
  return outcome;
};
