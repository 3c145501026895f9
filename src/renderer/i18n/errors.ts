// SPDX-License-Identifier: GPL-3.0-or-later

import type { AppErrorCode } from '#shared/errors/app-error.ts';
import error from '#shared/i18n/en/error.json' with { type: 'json' };

/** Does not compile while an error code has no sentence. Said by use-error-text.ts. */
export const errorSentences = error satisfies Readonly<Record<AppErrorCode, string>>;

/** Does not compile while a sentence has no error code. */
export type EverySentenceIsUsed = Assert<
  keyof typeof errorSentences extends AppErrorCode ? true : false
>;
type Assert<Condition extends true> = Condition;
