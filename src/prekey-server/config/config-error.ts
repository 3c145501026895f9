// SPDX-License-Identifier: GPL-3.0-or-later

/** The operator has to change something. Its message says what, and holds no secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** There is no such file. */
export class MissingFile extends ConfigError {
  constructor(path: string) {
    super(`${path} is missing`);
  }
}
