/** The reader of files: what it finds in each kind, and that it ends at its limits. */
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { readInChild } from '../../server/files/reader.ts';
import { passageLength, textBytesAtMost } from '../../server/files/reading/passages.ts';
import type { FileKind, Reading, ReaderLimits } from '../../server/files/reading/result.ts';
import { pdf, photo, picture, placeBytes, slides, word, workbook } from './samples.ts';

const limits: ReaderLimits = { withinMs: 120_000, cpuMs: 40_000, memoryMb: 512, pages: 5, pixels: 1_000_000 };
const never = new AbortController().signal;

async function read(kind: FileKind, bytes: Buffer, own: Partial<ReaderLimits> = {}, signal = never) {
  let image = Buffer.alloc(0);
  const task = { kind, size: bytes.length, limits: { ...limits, ...own } };
  const reading = await readInChild(task, Readable.from([bytes]), signal, async (stream) => {
    image = await buffer(stream);
  });
  return { reading, image };
}

function textsOf(reading: Reading): readonly (readonly [page: number | null, text: string])[] {
  if (reading.kind !== 'text') throw new Error(JSON.stringify(reading));
  return reading.passages.map(({ page, text }) => [page, text]);
}

it('turns a photo upright, and drops the place where it was taken', async () => {
  const taken = await photo(60, 40);
  expect(taken.includes(placeBytes)).toBe(true);
  expect((await sharp(taken).metadata()).orientation).toBe(6);
  const { reading, image } = await read('image', taken);
  expect(reading).toMatchObject({ kind: 'image', width: 40, height: 60, size: image.length });
  const metadata = await sharp(image).metadata();
  expect(metadata).toMatchObject({ format: 'jpeg', width: 40, height: 60 });
  expect([metadata.exif, metadata.xmp, metadata.icc, metadata.orientation]).toEqual(Array(4).fill(undefined));
  expect(image.includes(placeBytes)).toBe(false);
});

it('keeps the format of images and the frames of animations, with a small preview', async () => {
  const strip = await sharp({ create: { width: 700, height: 900, channels: 3, background: '#c33' } })
    .composite([
      { input: await picture(50, 50), top: 0, left: 0 },
      {
        input: await sharp({ create: { width: 300, height: 300, channels: 3, background: '#3c3' } })
          .png()
          .toBuffer(),
        top: 300,
        left: 0,
      },
    ])
    .raw()
    .toBuffer();
  const moving = await sharp(strip, { raw: { width: 700, height: 900, channels: 3, pageHeight: 300 } })
    .gif()
    .toBuffer();
  for (const [bytes, format, pages] of [
    [await picture(900, 700, 'png'), 'png', undefined],
    [await picture(900, 700, 'webp'), 'webp', undefined],
    [moving, 'gif', 2],
  ] as const) {
    const { reading, image } = await read('image', bytes);
    const found = await sharp(image).metadata();
    expect(found.format).toBe(format);
    if (pages !== undefined) expect(found.pages).toBeGreaterThanOrEqual(pages);
    if (reading.kind !== 'image') throw new Error(JSON.stringify(reading));
    const preview = await sharp(Buffer.from(reading.preview, 'base64')).metadata();
    expect(preview).toMatchObject({ format: 'webp', width: 512 });
  }
});

it('refuses images of too many pixels before it decodes them, and broken ones', async () => {
  const large = await picture(1001, 1000);
  expect((await read('image', large)).reading).toEqual({ kind: 'failed', failure: 'too_many_pixels' });
  const cut = (await picture(500, 500, 'jpeg')).subarray(0, 900);
  expect((await read('image', cut)).reading).toMatchObject({ kind: 'failed', failure: 'damaged' });
});

it('finds the text of a PDF page by page, and runs no script', async () => {
  const script = '/OpenAction << /S /JavaScript /JS (app.alert\\(1\\); while \\(true\\) {}) >>';
  const { reading } = await read('pdf', pdf(['The first page', 'and the second'], script));
  expect(textsOf(reading)).toEqual([
    [1, 'The first page'],
    [2, 'and the second'],
  ]);
  expect((await read('pdf', pdf(Array<string>(6).fill('x')))).reading).toEqual({
    kind: 'failed',
    failure: 'too_many_pages',
  });
  expect((await read('pdf', Buffer.from('%PDF-1.7\nnothing'))).reading).toEqual({ kind: 'failed', failure: 'damaged' });
});

it('finds the text of Office documents with the page, slide or sheet it is on', async () => {
  expect(textsOf((await read('word', word('On one page\fand on another'))).reading)).toEqual([
    [1, 'On one page'],
    [2, 'and on another'],
  ]);
  expect(textsOf((await read('slides', slides(['Hello', 'World &amp; all']))).reading)).toEqual([
    [1, 'Hello'],
    [2, 'World & all'],
  ]);
  const rows =
    '<row><c r="A1" t="s"><v>0</v></c><c r="C1" t="s"><v>1</v></c></row>' +
    '<row><c r="A2" s="1"><v>46354</v></c><c r="B2" s="2"><v>46354.5</v></c><c r="C2"><v>12.5</v></c><c r="D2" t="b"><v>1</v></c><c r="E2" t="inlineStr"><is><t>in line</t></is></c></row>';
  expect(textsOf((await read('sheets', workbook(rows))).reading)).toEqual([
    [1, 'Costs\nDay\t\tCost\n2026-11-28\t2026-11-28 12:00:00\t12.5\tTRUE\tin line'],
  ]);
});

it('cuts long text into passages at the ends of sentences, and keeps a bounded part of it', async () => {
  const sentence = 'A tree knows that spring has come. ';
  const { reading } = await read('text', Buffer.from(`\ufeff${sentence.repeat(70_000)}`));
  if (reading.kind !== 'text') throw new Error(JSON.stringify(reading));
  expect(reading).toMatchObject({ pages: null, cut: true });
  const texts = reading.passages.map(({ text }) => text);
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  expect(bytes).toBeLessThanOrEqual(textBytesAtMost);
  expect(bytes).toBeGreaterThan(textBytesAtMost - passageLength);
  expect(
    texts.every((text) => text.length <= passageLength && text.startsWith('A tree') && text.endsWith('come.')),
  ).toBe(true);
  expect(reading.passages[0]!.terms).toContain("'spring':");
});

it('is killed past its limits of time and memory, and when its caller aborts', async () => {
  const work = pdf(Array.from({ length: 3000 }, () => 'word '.repeat(300)));
  const tooComplex = { kind: 'failed', failure: 'too_complex' };
  const many = { pages: 10_000 };
  expect((await read('pdf', work, { ...many, cpuMs: 300 })).reading).toEqual(tooComplex);
  expect((await read('pdf', work, { ...many, withinMs: 100 })).reading).toEqual(tooComplex);
  expect((await read('pdf', work, { ...many, memoryMb: 60 })).reading).toEqual(tooComplex);
  const abort = new AbortController();
  const reading = read('pdf', work, many, abort.signal);
  abort.abort();
  await expect(reading).rejects.toThrow('abort');
});

it('passes on errors that are not of the file', async () => {
  const broken = Readable.from(
    (async function* () {
      yield Buffer.from('some');
      throw new Error('the storage is gone');
    })(),
  );
  const task = { kind: 'text', size: 100, limits } as const;
  await expect(readInChild(task, broken, never, async () => {})).rejects.toThrow('the storage is gone');
  const image = await picture(10, 10);
  const refuse = readInChild({ kind: 'image', size: image.length, limits }, Readable.from([image]), never, async () => {
    throw new Error('the storage is full');
  });
  await expect(refuse).rejects.toThrow('the storage is full');
});
