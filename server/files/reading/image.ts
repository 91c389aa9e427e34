/** Encodes an image again, upright and without metadata, and makes a preview. */
import sharp from 'sharp';
import { Unreadable, type ImageFound } from './result.ts';

sharp.cache(false);
sharp.concurrency(1);

const previewPx = 512;
const quality = { whole: 90, preview: 75 };

export interface ImageRead {
  readonly found: ImageFound;
  readonly bytes: Buffer;
}

/** By the format's name in sharp. */
const options = {
  // Optimal tables would need all coefficients in memory.
  jpeg: { quality: quality.whole, optimiseCoding: false },
  png: {},
  webp: { quality: quality.whole },
  gif: {},
} as const;

/** Throws `Unreadable`. Pixels are counted before anything is decoded. */
export async function readImage(bytes: Buffer, { pixels }: { readonly pixels: number }): Promise<ImageRead> {
  const strict = { limitInputPixels: pixels, failOn: 'error' } as const;
  const header = await sharp(bytes, { ...strict, limitInputPixels: false })
    .metadata()
    .catch(refuse);
  const { format, width, height, orientation = 1, pages = 1, pageHeight = height } = header;
  if (width * pageHeight * pages > pixels) throw new Unreadable('too_many_pixels');
  if (!(format in options)) throw new Unreadable('damaged');
  const kept = format as keyof typeof options;
  // Turning needs all pixels at once; what is upright already passes line by line.
  const isTurned = pages === 1 && orientation > 1;
  const decoded = sharp(bytes, { ...strict, animated: true, sequentialRead: !isTurned });
  const upright = isTurned ? decoded.autoOrient() : decoded;
  const whole = await upright.toFormat(kept, options[kept]).toBuffer({ resolveWithObject: true }).catch(refuse);
  const preview = await sharp(whole.data, { limitInputPixels: pixels })
    .resize(previewPx, previewPx, { fit: 'inside', withoutEnlargement: true })
    .webp({ quality: quality.preview })
    .toBuffer()
    .catch(refuse);
  const { info, data } = whole;
  return {
    found: {
      kind: 'image',
      width: info.width,
      height: info.pageHeight ?? info.height,
      size: data.length,
      preview: preview.toString('base64'),
    },
    bytes: data,
  };
}

function refuse(error: unknown): never {
  throw new Unreadable('damaged', error);
}
