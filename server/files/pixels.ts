/** The size of an image as its header declares it, before anything is decoded. */

export interface Pixels {
  readonly width: number;
  readonly height: number;
}

type Read = (head: Buffer) => Pixels | null;

/** Null where the beginning of the file does not say; the reader then finds out. */
export function pixelsOf(mediaType: string, head: Buffer): Pixels | null {
  try {
    return readers[mediaType]?.(head) ?? null;
  } catch (error) {
    // The head is shorter than it should be.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** PNG, section 11.2.1: the first chunk. */
const png: Read = (head) => ({ width: head.readUInt32BE(16), height: head.readUInt32BE(20) });

/** GIF89a, section 18: the logical screen, in which the frames lie. */
const gif: Read = (head) => ({ width: head.readUInt16LE(6), height: head.readUInt16LE(8) });

/** RFC 9649, sections 2.5 to 2.7. */
const webp: Read = (head) => {
  switch (head.toString('latin1', 12, 16)) {
    case 'VP8X':
      return { width: 1 + head.readUIntLE(24, 3), height: 1 + head.readUIntLE(27, 3) };
    case 'VP8L': {
      const bits = head.readUInt32LE(21);
      return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
    }
    case 'VP8 ':
      return { width: head.readUInt16LE(26) & 0x3fff, height: head.readUInt16LE(28) & 0x3fff };
    default:
      return null;
  }
};

/** Markers of frames (ITU T.81, table B.1): C0 to CF, without those for tables and arithmetic coding. */
const isFrame = (marker: number) => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

/** Segment by segment up to the first frame, which may lie behind the head. */
const jpeg: Read = (head) => {
  for (let at = 2; at + 9 <= head.length;) {
    if (head[at] !== 0xff) return null;
    const marker = head[at + 1]!;
    if (isFrame(marker)) return { height: head.readUInt16BE(at + 5), width: head.readUInt16BE(at + 7) };
    // Fill bytes, and markers without a length.
    if (marker === 0xff) at += 1;
    else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) at += 2;
    else at += 2 + head.readUInt16BE(at + 2);
  }
  return null;
};

const readers: Readonly<Record<string, Read>> = {
  'image/png': png,
  'image/gif': gif,
  'image/webp': webp,
  'image/jpeg': jpeg,
};
