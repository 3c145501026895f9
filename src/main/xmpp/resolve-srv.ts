// SPDX-License-Identifier: GPL-3.0-or-later

import { Resolver } from 'node:dns/promises';
import type { ResolveSrv } from './ports.ts';

const TIMEOUT_MS = 3_000;
const TRIES = 2;

/** SRV through the name servers of the operating system. */
export const resolveSrvByDns: ResolveSrv = (name) =>
  new Resolver({ timeout: TIMEOUT_MS, tries: TRIES }).resolveSrv(name);
