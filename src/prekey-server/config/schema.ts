// SPDX-License-Identifier: GPL-3.0-or-later

import * as v from 'valibot';

const text = v.pipe(v.string(), v.minLength(1), v.maxLength(1024));
/** As the XMPP server writes it: lower case, no resource. */
const domain = v.pipe(v.string(), v.minLength(1), v.maxLength(1023), v.regex(/^[^\s/@A-Z"&'<>]+$/));
const port = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535));

/** A configuration file. What is not in it comes from the environment, or has a default. */
export const ConfigSchema = v.strictObject({
  jid: v.optional(domain),
  host: v.optional(text),
  port: v.optional(port),
  secretFile: v.optional(text),
  trustNetwork: v.optional(v.boolean()),
  dataFolder: v.optional(text),
  keyFile: v.optional(text),
  database: v.optional(text),
  databaseKeyFile: v.optional(text),
  publisherDomains: v.optional(v.pipe(v.array(domain), v.minLength(1))),
  retrieverDomains: v.optional(
    v.union([v.literal('any'), v.pipe(v.array(domain), v.minLength(1))]),
  ),
  workers: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(64))),
  watchPort: v.optional(v.nullable(port)),
  reserve: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(254))),
  queriesPerDomainHour: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  exchangesPerDomainMinute: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
});

export type ConfigInput = v.InferOutput<typeof ConfigSchema>;
