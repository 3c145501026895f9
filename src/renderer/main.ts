// SPDX-License-Identifier: GPL-3.0-or-later

import { windowClient } from './bridge/client.ts';
import { mountApp } from './mount-app.ts';

await mountApp(windowClient(), '#app');
