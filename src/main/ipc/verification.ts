// SPDX-License-Identifier: GPL-3.0-or-later

import type { HandlersOf } from './noun-handlers.ts';
import { lendSecret, takeText } from './secret-text.ts';
import { requireAccount, type Services } from './services.ts';

export function verificationHandlers(services: Services): HandlersOf<'verification'> {
  const conversations = () => requireAccount(services).conversations;
  const doing = async (work: Promise<void>): Promise<undefined> => {
    await work;
    return undefined;
  };
  return {
    'verification.answer': ({ id, answer }) =>
      lendSecret([answer], async () => doing(conversations().answer(id, takeText(answer)))),
    'verification.ask': ({ id, instanceTag, question, answer }) =>
      lendSecret([answer], async () => {
        const asked = { method: 'question', question, secret: takeText(answer) } as const;
        return doing(conversations().ask(id, asked, instanceTag));
      }),
    'verification.ask-code': ({ id, instanceTag }) =>
      doing(conversations().ask(id, { method: 'code' }, instanceTag)),
    'verification.ask-secret': ({ id, instanceTag, secret }) =>
      lendSecret([secret], async () => {
        const asked = { method: 'secret', secret: takeText(secret) } as const;
        return doing(conversations().ask(id, asked, instanceTag));
      }),
    'verification.cancel': ({ id }) => doing(conversations().cancelVerification(id)),
    'verification.compared': ({ id, instanceTag, result }) =>
      doing(conversations().compared(id, instanceTag, result)),
    'verification.dismiss': ({ id }) => doing(conversations().dismissVerification(id)),
    'verification.mute': ({ id }) => doing(conversations().muteVerification(id)),
    'verification.read-code': ({ id, instanceTag, text }) =>
      conversations().readCode(id, instanceTag, text),
    'verification.remove': ({ id, instanceTag }) =>
      doing(conversations().removeVerification(id, instanceTag)),
  };
}
