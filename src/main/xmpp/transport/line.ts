// SPDX-License-Identifier: GPL-3.0-or-later

import type { ConnectionFailure } from '../wire.ts';
import type { StreamPart } from './element-reader.ts';

/** What a line tells its owner. After `broken` it says nothing more. */
export interface LineEvents {
  readonly part: (part: StreamPart) => void;
  /** Anything at all arrived. */
  readonly heard: () => void;
  readonly broken: (reason: ConnectionFailure) => void;
}

/** An encrypted line whose other end is verified. It carries streams, one after the other. */
export interface Line {
  /** Asks for a new stream; whatever belongs to the one before is not listened to any more. */
  readonly restart: () => void;
  /** One whole element. False when there is nothing to write to; `broken` follows or has been. */
  readonly write: (xml: string) => boolean;
  /** Whether to leave what comes where it is, so that the other end has to wait. */
  readonly hold: (held: boolean) => void;
  /** Ends the stream from our side. False as above. */
  readonly sayGoodbye: () => boolean;
  /** Hangs up without waiting for what is still on its way to the server. */
  readonly drop: () => void;
  /** Keying material for channel binding (RFC 9266); undefined where it would not be unique. */
  readonly exportBinding: () => Uint8Array | undefined;
}
