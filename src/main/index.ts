// SPDX-License-Identifier: GPL-3.0-or-later

import { compose } from './compose.ts';

// Not awaited: Electron is ready only after this module has been evaluated.
void compose();
