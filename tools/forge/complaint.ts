// SPDX-License-Identifier: GPL-3.0-or-later

/** Something the user can put right: what is wrong, and the way on. */
export class Complaint extends Error {
  readonly wayOn: string;

  constructor(wrong: string, wayOn: string) {
    super(wrong);
    this.wayOn = wayOn;
  }
}
