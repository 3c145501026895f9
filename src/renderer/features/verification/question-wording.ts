// SPDX-License-Identifier: GPL-3.0-or-later

/** What main takes as a question, in UTF-16 units. */
export const MOST_QUESTION = 300;

const WEAK_BELOW = 4;
const YES_OR_NO = /^(?:yes|no|ja|nein|oui|non|sí|si|da|nie|tak|нет|да|はい|いいえ|نعم|لا|כן|לא)$/iu;
const PASSWORD =
  /pass\s?(?:word|code|phrase)|\bpin\b|passwor[dt]|kennwort|contraseña|mot de passe|senha|hasło|пароль|密码|パスワード|كلمة (?:السر|المرور)|סיסמ/iu;

/** The question as the contact reads it: what was typed, and how the answer is to be written. */
export function toQuestion(typed: string, additions: readonly string[]): string {
  const question = typed.trim();
  return additions.length === 0 ? question : `${question} (${additions.join(', ')})`;
}

/** Easy to guess, and each try gives a guesser one chance. Only said, never refused. */
export function isWeakAnswer(answer: string): boolean {
  const trimmed = answer.trim();
  return trimmed !== '' && (Array.from(trimmed).length < WEAK_BELOW || YES_OR_NO.test(trimmed));
}

/** A hint for people, not a filter. */
export const looksLikePassword = (question: string): boolean => PASSWORD.test(question);
