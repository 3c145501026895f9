// SPDX-License-Identifier: GPL-3.0-or-later

/** What the window needs to know of the system: which keys and names its users expect. */
export function platformOf(platform: NodeJS.Platform): 'linux' | 'mac' | 'windows' {
  if (platform === 'darwin') return 'mac';
  return platform === 'win32' ? 'windows' : 'linux';
}
