// SPDX-License-Identifier: GPL-3.0-or-later

import { AppFailure } from '#shared/errors/app-failure.ts';
import { formatCodeLink } from '#shared/links/xmpp-uri.ts';
import type { ConversationId } from '#shared/model/ids.ts';
import type { BareJid } from '#shared/model/jid.ts';
import type { HandlersOf } from './noun-handlers.ts';
import { requireAccount, requireProfile, type Services } from './services.ts';

type CodeOf =
  | { readonly whose: 'ours' }
  | { readonly whose: 'theirs'; readonly id: ConversationId; readonly instanceTag: string };

interface Coded {
  readonly jid: BareJid;
  readonly hex: string;
}

export const clipboardHandlers = (services: Services): HandlersOf<'clipboard'> => ({
  'clipboard.copy-code': async ({ of }) => {
    await services.clipboard.copyForAMinute(requireCode(services, of).hex);
    return undefined;
  },
  'clipboard.copy-link': async ({ of }) => {
    const { jid, hex } = requireCode(services, of);
    await services.clipboard.copyText(formatCodeLink(jid, hex));
    return undefined;
  },
  'clipboard.copy-text': async ({ text }) => {
    await services.clipboard.copyText(text);
    return undefined;
  },
});

function requireCode(services: Services, of: CodeOf): Coded {
  const coded = of.whose === 'ours' ? ourCode(services) : theirCode(services, of);
  if (coded === undefined) throw new AppFailure('session-needed');
  return coded;
}

function ourCode(services: Services): Coded | undefined {
  const view = requireProfile(services).account.view();
  return view?.keys.tag === 'ready' ? { jid: view.jid, hex: view.keys.code.hex } : undefined;
}

function theirCode(
  services: Services,
  { id, instanceTag }: Extract<CodeOf, { readonly whose: 'theirs' }>,
): Coded | undefined {
  const { jid, devices } = requireAccount(services).conversations.view(id);
  const code = devices.find(({ name }) => name.instanceTag === instanceTag)?.code;
  return code === undefined ? undefined : { jid, hex: code.hex };
}
