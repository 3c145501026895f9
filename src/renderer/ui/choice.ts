// SPDX-License-Identifier: GPL-3.0-or-later

/** One of several things to choose from. */
export interface Choice<Value extends string = string> {
  readonly value: Value;
  readonly label: string;
  /** What it means, in a sentence. */
  readonly text?: string;
}
