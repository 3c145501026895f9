// SPDX-License-Identifier: GPL-3.0-or-later

/** One step forward. There is no step back: an older program refuses a newer schema. */
export interface Migration {
  /** 1, 2, 3 … without gaps; becomes `user_version`. */
  readonly version: number;
  readonly sql: string;
}
