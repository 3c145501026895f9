// SPDX-License-Identifier: GPL-3.0-or-later

import { readPixels } from './read-pixels.ts';

/** A photograph of today's telephones has half of it. */
const MAX_FILE_BYTES = 30_000_000;
const MAX_PIXELS = 64_000_000;
/** Longest side of what the decoder looks at, large first: shrinking loses small codes, but noise too. */
const LOOKS = [1600, 800] as const;

export type PictureReading =
  | { readonly tag: 'text'; readonly text: string }
  | { readonly tag: 'no-code' }
  | { readonly tag: 'too-large' }
  | { readonly tag: 'unreadable' };

interface Drawable {
  readonly source: CanvasImageSource;
  readonly width: number;
  readonly height: number;
}

/** The pixels of a picture, made smaller where it is larger than this. */
export function drawn({ source, width, height }: Drawable, longest: number): ImageData | undefined {
  const scale = Math.min(1, longest / Math.max(width, height));
  const size = [width, height].map((side) => Math.max(1, Math.round(side * scale)));
  const [toWidth = 1, toHeight = 1] = size;
  const canvas = document.createElement('canvas');
  canvas.width = toWidth;
  canvas.height = toHeight;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (context === null) return undefined;
  // What is transparent is light.
  context.fillStyle = '#fff';
  context.fillRect(0, 0, toWidth, toHeight);
  context.drawImage(source, 0, 0, toWidth, toHeight);
  return context.getImageData(0, 0, toWidth, toHeight);
}

/** Loads the head of the file only: its pixels are not unpacked before its size has been looked at. */
async function load(file: Blob): Promise<HTMLImageElement | undefined> {
  const url = URL.createObjectURL(file);
  const image = new Image();
  const loaded = new Promise<boolean>((resolve) => {
    image.onload = () => {
      resolve(true);
    };
    image.onerror = () => {
      resolve(false);
    };
  });
  image.src = url;
  try {
    return (await loaded) ? image : undefined;
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** Looks for a QR code in a picture that the user chose. The picture goes nowhere. */
export async function readPicture(file: Blob): Promise<PictureReading> {
  if (file.size > MAX_FILE_BYTES) return { tag: 'too-large' };
  const image = await load(file);
  if (image === undefined) return { tag: 'unreadable' };
  const { naturalWidth: width, naturalHeight: height } = image;
  if (width * height > MAX_PIXELS) return { tag: 'too-large' };
  for (const longest of LOOKS) {
    const pixels = drawn({ source: image, width, height }, longest);
    const text = pixels === undefined ? undefined : readPixels(pixels, 'picture');
    if (text !== undefined) return { tag: 'text', text };
  }
  return { tag: 'no-code' };
}
