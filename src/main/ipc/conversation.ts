// SPDX-License-Identifier: GPL-3.0-or-later

import type { HandlersOf } from './noun-handlers.ts';
import { requireAccount, type Services } from './services.ts';

export function conversationHandlers(services: Services): HandlersOf<'conversation'> {
  const conversations = () => requireAccount(services).conversations;
  /** A request that only does something; its outcome comes as an event. */
  const doing = async (work: Promise<void>): Promise<undefined> => {
    await work;
    return undefined;
  };
  return {
    'conversation.accept': ({ id }) => doing(conversations().accept(id)),
    'conversation.accept-key': ({ id }) => doing(conversations().acceptKey(id)),
    'conversation.cancel': ({ id }) => doing(conversations().cancel(id)),
    'conversation.change-device': ({ id, instanceTag, change }) =>
      doing(conversations().changeDevice(id, instanceTag, change)),
    'conversation.clear': ({ id }) => doing(conversations().clear(id)),
    'conversation.clear-all': () => doing(conversations().clearAll()),
    'conversation.decline': ({ id }) => doing(conversations().decline(id)),
    'conversation.discard-held': ({ id, itemId }) => conversations().discardHeld(id, itemId),
    'conversation.end': ({ id }) => doing(conversations().end(id)),
    'conversation.history': (page) => conversations().history(page),
    'conversation.mark-read': ({ id }) => doing(conversations().markRead(id)),
    'conversation.open': ({ id }) => conversations().open(id),
    'conversation.refresh': ({ id }) => doing(conversations().start(id)),
    'conversation.resend': ({ id, itemId }) => doing(conversations().resend(id, itemId)),
    'conversation.say-typing': ({ id, typing }) => doing(conversations().sayTyping(id, typing)),
    'conversation.search': ({ text }) => conversations().search(text),
    'conversation.send': ({ id, text, stateToken }) => conversations().send(id, text, stateToken),
    'conversation.set-rules': ({ id, rules }) => doing(conversations().setRules(id, rules)),
    'conversation.set-send-to': ({ id, rule, instanceTag }) =>
      doing(conversations().setSendTo(id, rule, instanceTag)),
    'conversation.start': ({ id }) => doing(conversations().start(id)),
    'conversation.write-unencrypted': ({ id }) => doing(conversations().writeUnencrypted(id)),
  };
}
