// SPDX-License-Identifier: GPL-3.0-or-later

import type { NoKeys } from '#shared/model/conversation.ts';
import type { NoEnsembles } from '#shared/model/prekeys.ts';

/** In the words of the window: who was asked a moment ago is not to be had now. */
export const toNoKeys = (why: NoEnsembles): NoKeys => (why === 'too-soon' ? 'unreachable' : why);
