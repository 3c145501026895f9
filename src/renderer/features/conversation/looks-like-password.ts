// SPDX-License-Identifier: GPL-3.0-or-later

/** Words for "password" and "PIN" in common languages. A hint for people, not a filter. */
const PASSWORD =
  /pass\s?(?:word|code|phrase)|\bpin\b|passwor[dt]|kennwort|contraseña|mot de passe|senha|hasło|пароль|密码|パスワード|كلمة (?:السر|المرور)|סיסמ/iu;

export const looksLikePassword = (question: string): boolean => PASSWORD.test(question);
