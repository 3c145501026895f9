// SPDX-License-Identifier: GPL-3.0-or-later

import { copyFileSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { rooms } from '../../rooms.config.js';
import { toDiagram } from './rooms-diagram.ts';

const root = resolve(import.meta.dirname, '../..');
const demo = join(root, 'out/demo');
/** What the README shows, by the names the demo gives. */
const shown = ['verified', 'invitation', 'question', 'ended', 'verified-dark', 'verified-narrow'];

writeFileSync(join(root, 'docs/rooms.mmd'), toDiagram(rooms));

if (existsSync(demo)) {
  const pictures = readdirSync(demo);
  for (const name of shown) {
    const picture = pictures.find((file) => file.replace(/^\d+-/, '') === `${name}.png`);
    if (picture === undefined) throw new Error(`the demo took no picture “${name}”`);
    copyFileSync(join(demo, picture), join(root, 'docs/screenshots', `${name}.png`));
  }
}
