// SPDX-License-Identifier: GPL-3.0-or-later

import { run } from './run.ts';

process.exitCode = await run(process.argv.slice(2));
