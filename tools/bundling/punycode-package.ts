// SPDX-License-Identifier: GPL-3.0-or-later

/**
 * Stanza means the package of this name; Node's builtin is deprecated and warns. An alias does not
 * help, since builtins are set aside before aliases are looked at.
 */
export const punycodePackage = {
  name: 'punycode-package',
  transform: (code: string, id: string): string | undefined =>
    id.includes('/node_modules/stanza/')
      ? code.replaceAll('require("punycode")', 'require("punycode/")')
      : undefined,
};
