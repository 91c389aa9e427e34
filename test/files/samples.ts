/** Files made for tests: images, PDFs, Office documents and archives. */
import { crc32, deflateRawSync } from 'node:zlib';
import sharp from 'sharp';

/** An image of one colour. */
export function picture(
  width: number,
  height: number,
  format: 'jpeg' | 'png' | 'webp' | 'gif' = 'png',
): Promise<Buffer<ArrayBuffer>> {
  const image = sharp({ create: { width, height, channels: 3, background: '#c33' } });
  return image.toFormat(format).toBuffer();
}

/** A place in degrees, minutes and seconds, as cameras write it. */
const place = { latitude: [52, 31, 7], longitude: [13, 24, 23] } as const;

/** A JPEG image with the place where it was taken, and lying on its side: Exif 2.32, orientation 6. */
export async function photo(width = 60, height = 40): Promise<Buffer<ArrayBuffer>> {
  const jpeg = await picture(width, height, 'jpeg');
  const tiff = Buffer.concat([
    Buffer.from('MM\0*\0\0\0\x08', 'latin1'),
    directory([
      [0x0112, 3, 1, Buffer.from([0, 6, 0, 0])],
      [0x8825, 4, 1, uint32(8 + 2 + 2 * 12 + 4)],
    ]),
    // The GPS directory, with its two places behind it.
    ...gps(8 + 2 + 2 * 12 + 4),
  ]);
  const exif = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff]);
  const segment = Buffer.concat([Buffer.from([0xff, 0xe1]), uint16(exif.length + 2), exif]);
  return Buffer.concat([jpeg.subarray(0, 2), segment, jpeg.subarray(2)]);
}

type Field = readonly [tag: number, type: number, count: number, value: Buffer];

function directory(fields: readonly Field[]): Buffer {
  const entries = fields.map(([tag, type, count, value]) =>
    Buffer.concat([uint16(tag), uint16(type), uint32(count), value]),
  );
  return Buffer.concat([uint16(fields.length), ...entries, uint32(0)]);
}

function gps(offset: number): Buffer[] {
  const behind = offset + 2 + 4 * 12 + 4;
  const rationals = (values: readonly number[]) => Buffer.concat(values.flatMap((value) => [uint32(value), uint32(1)]));
  return [
    directory([
      [1, 2, 2, Buffer.from('N\0\0\0', 'latin1')],
      [2, 5, 3, uint32(behind)],
      [3, 2, 2, Buffer.from('E\0\0\0', 'latin1')],
      [4, 5, 3, uint32(behind + 24)],
    ]),
    rationals(place.latitude),
    rationals(place.longitude),
  ];
}

/** The bytes of the place in a photo. */
export const placeBytes = Buffer.concat(place.latitude.flatMap((value) => [uint32(value), uint32(1)]));

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** A PDF with a line of text on each page. `more` are further entries of its catalog. */
export function pdf(pages: readonly string[], more = ''): Buffer<ArrayBuffer> {
  const first = 4;
  const objects = [
    `<< /Type /Catalog /Pages 2 0 R ${more} >>`,
    `<< /Type /Pages /Count ${pages.length} /Kids [${pages.map((_, n) => `${first + 2 * n} 0 R`).join(' ')}] >>`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
    ...pages.flatMap((text, n) => {
      const content = `BT /F1 12 Tf 20 100 Td (${text}) Tj ET`;
      return [
        `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents ${first + 2 * n + 1} 0 R /Resources << /Font << /F1 3 0 R >> >> >>`,
        `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
      ];
    }),
  ];
  let file = '%PDF-1.7\n';
  const offsets = objects.map((object, n) => {
    const offset = file.length;
    file += `${n + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const start = file.length;
  file += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}`;
  file += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`;
  return Buffer.from(file, 'latin1');
}

export interface ZipEntry {
  readonly name: string;
  readonly content: string | Buffer;
  /** The size that the archive states; by default the true one. */
  readonly statedSize?: number;
  /** General purpose bits; 1 is encryption. */
  readonly flags?: number;
}

/** A zip archive (APPNOTE 6.3.10). */
export function zip(entries: readonly ZipEntry[]): Buffer<ArrayBuffer> {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, content, statedSize, flags = 0 } of entries) {
    const bytes = Buffer.from(content);
    const packed = deflateRawSync(bytes);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(flags, 2);
    fields.writeUInt16LE(8, 4);
    fields.writeUInt32LE(crc32(bytes), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(statedSize ?? bytes.length, 18);
    fields.writeUInt16LE(Buffer.byteLength(name), 22);
    const before = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), fields, Buffer.from(name)]);
    local.push(before, packed);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    central.push(Buffer.from('PK\x01\x02\x14\0', 'latin1'), fields, rest, Buffer.from(name));
    offset += before.length + packed.length;
  }
  const index = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(index.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...local, index, end]);
}

type OfficeKind = 'word' | 'sheets' | 'slides';

const mains: Readonly<Record<OfficeKind, readonly [part: string, type: string]>> = {
  word: ['word/document.xml', 'wordprocessingml.document'],
  sheets: ['xl/workbook.xml', 'spreadsheetml.sheet'],
  slides: ['ppt/presentation.xml', 'presentationml.presentation'],
};
const relationships = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';

/** An Office document of these parts, by name; the first is its main part. */
export function office(
  kind: OfficeKind,
  parts: Readonly<Record<string, string>>,
  more: readonly ZipEntry[] = [],
): Buffer<ArrayBuffer> {
  const [main, type] = mains[kind];
  const content = `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/${main}" ContentType="application/vnd.openxmlformats-officedocument.${type}.main+xml"/></Types>`;
  return zip([
    { name: '[Content_Types].xml', content },
    { name: '_rels/.rels', content: relations({ rId1: ['officeDocument', main] }) },
    ...Object.entries(parts).map(([name, text]) => ({ name, content: text })),
    ...more,
  ]);
}

/** A part that names others. */
export function relations(targets: Readonly<Record<string, readonly [type: string, target: string]>>): string {
  const each = Object.entries(targets).map(
    ([id, [type, target]]) => `<Relationship Id="${id}" Type="${relationships}/${type}" Target="${target}"/>`,
  );
  return `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${each.join('')}</Relationships>`;
}

const wordSpace = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"';

/** A Word document; a form feed ends a page. */
export function word(text: string): Buffer<ArrayBuffer> {
  const runs = text
    .split('\f')
    .map((page) => `<w:r><w:t xml:space="preserve">${page}</w:t></w:r>`)
    .join('<w:r><w:br w:type="page"/><w:lastRenderedPageBreak/></w:r>');
  const body = `<w:document ${wordSpace}><w:body><w:p>${runs}</w:p></w:body></w:document>`;
  return office('word', { 'word/document.xml': body });
}

/** A workbook with one sheet, given as the XML of its rows. `A1` and `B1` may refer to two shared strings. */
export function workbook(rows: string): Buffer<ArrayBuffer> {
  const sheet = `<worksheet><sheetData>${rows}</sheetData></worksheet>`;
  return office('sheets', {
    'xl/workbook.xml': `<workbook xmlns:r="${relationships}"><sheets><sheet name="Costs" r:id="rId1"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': relations({
      rId1: ['worksheet', 'worksheets/sheet1.xml'],
      rId2: ['sharedStrings', 'sharedStrings.xml'],
      rId3: ['styles', '/xl/styles.xml'],
    }),
    'xl/worksheets/sheet1.xml': sheet,
    'xl/sharedStrings.xml': '<sst><si><t>Day</t></si><si><r><t>Co</t></r><r><t>st</t></r></si></sst>',
    'xl/styles.xml':
      '<styleSheet><numFmts><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd hh:mm"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/></cellXfs></styleSheet>',
  });
}

/** A presentation with a line of text on each slide. */
export function slides(texts: readonly string[]): Buffer<ArrayBuffer> {
  const ids = texts.map((_, n) => `<p:sldId id="${256 + n}" r:id="rId${n}"/>`).join('');
  const each = texts.map((text, n): [string, string] => [
    `ppt/slides/slide${n}.xml`,
    `<p:sld xmlns:p="p" xmlns:a="a"><a:p><a:r><a:t>${text}</a:t></a:r></a:p></p:sld>`,
  ]);
  return office('slides', {
    'ppt/presentation.xml': `<p:presentation xmlns:p="p" xmlns:r="${relationships}"><p:sldIdLst>${ids}</p:sldIdLst></p:presentation>`,
    'ppt/_rels/presentation.xml.rels': relations(
      Object.fromEntries(texts.map((_, n) => [`rId${n}`, ['slide', `slides/slide${n}.xml`] as const])),
    ),
    ...Object.fromEntries(each),
  });
}
