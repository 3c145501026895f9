// SPDX-License-Identifier: GPL-3.0-or-later

import type { RouteLocationRaw, Router } from 'vue-router';
import type { FakeClient } from '../../support/fake-client.ts';

/** One look at the application. `?scenario=<file>/<name>` picks it. */
export interface Scenario {
  readonly client: () => FakeClient;
  readonly route?: RouteLocationRaw;
  /** What happened since the window opened, such as a dialog that the user opened. */
  readonly then?: (context: {
    readonly client: FakeClient;
    readonly router: Router;
    readonly click: (selector: string) => Promise<void>;
    readonly type: (selector: string, text: string) => Promise<void>;
  }) => Promise<void> | void;
}

export type Scenarios = Readonly<Record<string, Scenario>>;
