// SPDX-License-Identifier: GPL-3.0-or-later

import { decodeQR, type Image } from 'qr/decode.js';

/** Time for a picture; between two frames of a camera there is less. */
const PICTURE_MS = 400;
const FRAME_MS = 40;

/**
 * The text of the QR code in these pixels (RGBA). Whatever the decoder stumbles over in a picture of
 * somebody else means that there is none.
 */
export function readPixels(pixels: Image, from: 'picture' | 'camera'): string | undefined {
  try {
    const timeLimit = from === 'picture' ? PICTURE_MS : FRAME_MS;
    return decodeQR(pixels, { format: 'RGBA', timeLimit, effort: from === 'picture' ? 8 : 1 });
  } catch {
    return undefined;
  }
}
