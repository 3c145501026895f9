// SPDX-License-Identifier: GPL-3.0-or-later

/** One line of progress. Standard error, so that a command's own output stays clean. */
export function say(text) {
  process.stderr.write(`sotto: ${text}\n`);
}

/** Says what is wrong and how to go on, and ends. */
export function stop(text) {
  say(text);
  process.exit(1);
}
