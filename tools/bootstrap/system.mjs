// SPDX-License-Identifier: GPL-3.0-or-later

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { say, stop } from './say.mjs';

/** What a command may need: how to see that it is there, and what it is called elsewhere. */
const known = {
  prosody: { probes: ['prosody'], apt: ['prosody'], brew: ['prosody'], why: 'the XMPP server' },
  ejabberd: {
    probes: ['/usr/sbin/ejabberdctl'],
    apt: ['ejabberd'],
    brew: [],
    why: 'the other XMPP server',
  },
  postgresql: {
    probes: ['/usr/lib/postgresql'],
    apt: ['postgresql'],
    brew: [],
    why: 'the database that several prekey servers share',
  },
  chromium: {
    probes: ['chromium', 'chromium-browser', '/usr/lib/chromium/chromium'],
    apt: ['chromium'],
    brew: [],
    why: 'shows the windows where the Electron binary cannot be had',
  },
  xvfb: { probes: ['Xvfb'], apt: ['xvfb', 'xauth'], brew: [], why: 'a display for the tests' },
  tmux: {
    probes: ['tmux'],
    apt: ['tmux'],
    brew: ['tmux'],
    why: 'drives a client in a terminal',
    optional: true,
  },
  profanity: {
    probes: ['profanity'],
    apt: ['profanity'],
    brew: ['profanity'],
    why: 'a client of others',
    optional: true,
  },
  gajim: {
    probes: ['gajim'],
    apt: ['gajim', 'dbus'],
    brew: [],
    why: 'a client of others',
    optional: true,
  },
  openssl: { probes: ['openssl'], apt: ['openssl'], brew: ['openssl'], why: 'certificates' },
  fonts: {
    probes: ['/usr/share/fonts/opentype/urw-base35'],
    apt: ['fonts-urw-base35', 'fonts-inter', 'fonts-noto-color-emoji'],
    brew: [],
    why: 'the faces of the design, for the screenshots',
    optional: true,
  },
};

const folders = () => [
  ...(process.env.PATH ?? '').split(delimiter),
  '/usr/sbin',
  '/sbin',
  '/usr/local/sbin',
  '/opt/homebrew/sbin',
  join(homedir(), '.local/bin'),
];

const isThere = ({ probes }) =>
  probes.some((probe) =>
    probe.startsWith('/')
      ? existsSync(probe)
      : folders().some((folder) => existsSync(join(folder, probe))),
  );

const run = (command, args) =>
  spawnSync(command, args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  }).status === 0;

/** `apt-get` as root or through a sudo that does not ask; anything else is left to the user. */
function aptPrefix() {
  if (!existsSync('/usr/bin/apt-get')) return undefined;
  if (process.getuid?.() === 0) return [];
  return spawnSync('sudo', ['-n', 'true']).status === 0 ? ['sudo', '-n'] : undefined;
}

function installWithApt(prefix, packages) {
  const [command, ...first] = [...prefix, 'apt-get'];
  const install = ['install', '-y', '-qq', '--no-install-recommends', ...packages];
  return (
    run(command, [...first, ...install]) ||
    (run(command, [...first, 'update', '-qq']) && run(command, [...first, ...install]))
  );
}

/** The one command a person would have to run. */
function byHand(missing) {
  if (process.platform === 'darwin') {
    return `brew install ${missing.flatMap(({ brew }) => brew).join(' ')}`;
  }
  return `sudo apt-get install --no-install-recommends ${missing.flatMap(({ apt }) => apt).join(' ')}`;
}

/**
 * Makes sure of the system packages a command needs. `--server HOST` brings its own XMPP server, and
 * only Linux needs Chromium (elsewhere Electron's own binary can be had) or has ejabberd packaged.
 */
export function ensurePackages(names, args) {
  const skip = new Set([
    ...(args.includes('--server') ? ['prosody', 'openssl'] : []),
    ...(process.platform === 'linux'
      ? []
      : ['ejabberd', 'postgresql', 'chromium', 'fonts', 'xvfb', 'gajim']),
  ]);
  const missing = names
    .filter((name) => !skip.has(name))
    .map((name) => known[name])
    .filter((entry) => !isThere(entry));
  if (missing.length === 0) return;
  const prefix = process.platform === 'linux' ? aptPrefix() : undefined;
  if (prefix !== undefined) {
    for (const { apt, why } of missing) say(`Installing ${apt.join(', ')}: ${why}`);
    installWithApt(
      prefix,
      missing.flatMap(({ apt }) => apt),
    );
  }
  const still = missing.filter((entry) => entry.optional !== true && !isThere(entry));
  if (still.length > 0) {
    const what = still.map(({ probes, why }) => `${probes[0]} (${why})`).join(', ');
    stop(`Missing: ${what}. Install it with\n\n    ${byHand(still)}\n\nand run this again.`);
  }
}
