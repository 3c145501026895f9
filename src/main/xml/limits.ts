// SPDX-License-Identifier: GPL-3.0-or-later

/** What is read of XML that others wrote. Sizes in bytes unless the name says otherwise. */
export const xmlLimits = {
  /** One stanza, in and out; the default of Prosody for clients. */
  stanza: 256 * 1024,
  /** A stanza beyond the limits is read over, up to here; servers of others may allow more than ours. */
  skippedStanza: 1024 * 1024,
  /** Levels of nesting inside the stream element. */
  depth: 64,
  elementsPerStanza: 4096,
  attributesPerElement: 64,
  attributeValue: 64 * 1024,
  text: 192 * 1024,
  name: 256,
  /** The XML declaration at the start of a stream. */
  declaration: 256,
} as const;
