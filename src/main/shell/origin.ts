// SPDX-License-Identifier: GPL-3.0-or-later

/** Where the renderer lives. Nothing else is ever loaded, and nobody else may speak to main. */
export const APP_SCHEME = 'app';
export const APP_HOST = 'bundle';
export const APP_ORIGIN = 'app://bundle';
export const START_URL = 'app://bundle/index.html';

/** No `persist:` in front: cookies, storage and cache live in memory. */
export const UI_PARTITION = 'ui';
