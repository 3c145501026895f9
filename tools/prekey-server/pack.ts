// SPDX-License-Identifier: GPL-3.0-or-later
// `node tools/prekey-server/pack.ts FOLDER`: the server, ready to be carried to where it will run.

import { resolve } from 'node:path';
import process from 'node:process';
import { packPrekeyServer } from './packing.ts';

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new RangeError('usage: node tools/prekey-server/pack.ts FOLDER');
await packPrekeyServer(resolve(folder));
