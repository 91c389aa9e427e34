/** Files that are made to do harm, and what becomes of each. */
import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { UploadFailure } from '../../contract/uploads.ts';
import { office, pdf, photo, picture, relations, slides, word, workbook, zip } from './samples.ts';

/** A status other than 201; or how the file ends. */
type End = number | 'ready' | UploadFailure;

export interface HostileFile {
  readonly what: string;
  readonly name: string;
  readonly bytes: Buffer;
  readonly end: End;
}

const text = (content: string) => Buffer.from(content);
const spaces = Buffer.alloc(40 * 1024 * 1024, 0x20);

/** The width and height that a PNG image declares. */
function declaring(png: Buffer, width: number, height: number): Buffer {
  const bytes = Buffer.from(png);
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  return bytes;
}

/** The first frame of a JPEG image, with the size it declares. */
function declaringInJpeg(jpeg: Buffer, width: number, height: number): Buffer {
  const bytes = Buffer.from(jpeg);
  const frame = bytes.indexOf(Buffer.from([0xff, 0xc0]));
  bytes.writeUInt16BE(height, frame + 5);
  bytes.writeUInt16BE(width, frame + 7);
  return bytes;
}

export async function hostileFiles(): Promise<HostileFile[]> {
  return [...refused(), ...(await pictures()), ...papers(), ...documents(), ...names()].map(
    ([what, name, bytes, end]) => ({
      what,
      name,
      bytes,
      end,
    }),
  );
}

type Row = readonly [what: string, name: string, bytes: Buffer, end: End];

/** Not what is taken, whatever they are called. */
function refused(): Row[] {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>';
  return [
    ['nothing', 'empty.png', Buffer.alloc(0), 422],
    ['an SVG image', 'a.svg', text(svg), 415],
    ['an SVG image as text', 'a.txt', text(svg), 415],
    ['an SVG image behind a declaration', 'a.xml', text(`<?xml version="1.0"?><!DOCTYPE svg>${svg}`), 415],
    ['HTML as an image', 'a.png', text('<html><script>alert(1)</script>'), 415],
    ['HTML as a PDF', 'a.pdf', text('<html><script>alert(1)</script>'), 415],
    ['a script as a Word document', 'a.docx', text('#!/bin/sh\nrm -rf /\n'), 415],
    ['a program for Linux', 'a.txt', Buffer.concat([Buffer.from('7f454c46020101', 'hex'), Buffer.alloc(200)]), 415],
    ['a program for Windows', 'a.txt', Buffer.concat([text('MZ'), Buffer.alloc(200)]), 415],
    ['a program for macOS', 'a.txt', Buffer.concat([Buffer.from('cffaedfe', 'hex'), Buffer.alloc(200)]), 415],
    ['a compressed file', 'a.gz', gzipSync('text'), 415],
    ['an archive', 'a.zip', zip([{ name: 'a.txt', content: 'text' }]), 415],
    ['an archive that climbs out', 'a.zip', zip([{ name: '../../etc/passwd', content: 'root' }]), 415],
    ['a Java archive', 'a.jar', zip([{ name: 'META-INF/MANIFEST.MF', content: 'Main-Class: A' }]), 415],
    [
      'a file of an old Office',
      'a.doc',
      Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(600)]),
      415,
    ],
    ['noise', 'a.txt', Buffer.concat([Buffer.from([0xff, 0xfe, 0xfd]), randomBytes(500)]), 415],
    ['text with a zero', 'a.txt', text('one\0two'), 415],
    [
      'text that turns to bytes late',
      'a.txt',
      Buffer.concat([text('text '.repeat(30_000)), Buffer.from([0xc3, 0x28])]),
      415,
    ],
    ['text that ends in a character', 'a.txt', Buffer.concat([text('text '), Buffer.from([0xe2, 0x82])]), 415],
    ['UTF-16', 'a.txt', Buffer.from('\ufeffSome words', 'utf16le'), 415],
    ['PostScript', 'a.eps', text('%!PS-Adobe-3.0\nquit\n'), 415],
    ['a film', 'a.mp4', Buffer.concat([Buffer.from('00000018667479706d703432', 'hex'), Buffer.alloc(200)]), 415],
  ];
}

async function pictures(): Promise<Row[]> {
  const [png, jpeg, webp, gif] = [
    await picture(40, 30),
    await picture(40, 30, 'jpeg'),
    await picture(40, 30, 'webp'),
    await picture(40, 30, 'gif'),
  ];
  const wideGif = Buffer.from(gif);
  wideGif.writeUInt16LE(65_535, 6);
  wideGif.writeUInt16LE(65_535, 8);
  const tail = text('<script>alert(1)</script>');
  const noisyEnd = Buffer.concat([jpeg.subarray(0, jpeg.length / 2), randomBytes(50)]);
  return [
    ['a PNG image of 3.6 billion pixels', 'a.png', declaring(png, 60_000, 60_000), 422],
    ['a PNG image of more pixels than can be counted', 'a.png', declaring(png, 0xffffffff, 0xffffffff), 422],
    ['a JPEG image of 4 billion pixels', 'a.jpg', declaringInJpeg(jpeg, 65_535, 65_535), 422],
    ['a GIF image of 4 billion pixels', 'a.gif', wideGif, 422],
    ['a PNG image of no pixels', 'a.png', declaring(png, 0, 0), 'damaged'],
    ['a PNG image that is larger than its data', 'a.png', declaring(png, 4000, 3000), 'damaged'],
    ['the beginning of a PNG image', 'a.png', png.subarray(0, 60), 'damaged'],
    ['the beginning of a JPEG image', 'a.jpg', jpeg.subarray(0, 200), 'damaged'],
    ['the beginning of a WebP image', 'a.webp', webp.subarray(0, 30), 'damaged'],
    ['the beginning of a GIF image', 'a.gif', gif.subarray(0, 20), 'damaged'],
    ['a JPEG image with a broken end', 'a.jpg', noisyEnd, 'damaged'],
    ['an image with a script behind it', 'a.png', Buffer.concat([png, tail]), 'ready'],
    ['an image with an archive behind it', 'a.jpg', Buffer.concat([jpeg, zip([{ name: 'a', content: 'b' }])]), 'ready'],
    ['an image with a PDF behind it', 'a.gif', Buffer.concat([gif, pdf(['x'])]), 'ready'],
    ['a photo that tells its place', 'a.jpg', await photo(), 'ready'],
  ];
}

function papers(): Row[] {
  const script = '/OpenAction << /S /JavaScript /JS (app.alert\\(1\\); while \\(true\\) {}) >>';
  const launch = '/OpenAction << /S /Launch /F (/bin/sh) >>';
  const loop = text(
    '%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Count 1 /Kids [2 0 R] >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n',
  );
  const whole = pdf(['Some words']);
  return [
    ['a PDF with a script', 'a.pdf', pdf(['Some words'], script), 'ready'],
    ['a PDF that starts a program', 'a.pdf', pdf(['Some words'], launch), 'ready'],
    ['a PDF of 10,000 pages', 'a.pdf', pdf(Array.from({ length: 10_000 }, () => 'x')), 'too_many_pages'],
    ['a PDF whose pages contain themselves', 'a.pdf', loop, 'damaged'],
    ['the beginning of a PDF', 'a.pdf', whole.subarray(0, 40), 'damaged'],
    ['a PDF with HTML behind it', 'a.html', Buffer.concat([whole, text('<script>alert(1)</script>')]), 'ready'],
    ['a PDF that is locked', 'a.pdf', locked(whole), 'protected'],
  ];
}

/** Says that it is encrypted, with keys that no empty password opens. */
function locked(paper: Buffer): Buffer {
  const key = `<${'ab'.repeat(32)}>`;
  const encryption = `/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O ${key} /U ${key} >> /ID [<00> <00>]`;
  return Buffer.from(paper.toString('latin1').replace('trailer\n<<', `trailer\n<< ${encryption}`), 'latin1');
}

function documents(): Row[] {
  const main = 'word/document.xml';
  const bomb = (content: string) => office('word', { [main]: content });
  const entities = Array.from({ length: 9 }, (_, n) => `<!ENTITY e${n + 1} "${`&e${n};`.repeat(10)}">`).join('');
  const manySheets = Array.from({ length: 1001 }, (_, n) => `<sheet name="s" r:id="r${n}"/>`).join('');
  const manyRelations = Object.fromEntries(
    Array.from({ length: 1001 }, (_, n) => [`r${n}`, ['worksheet', 'a.xml'] as const]),
  );
  return [
    ['a document of four bombs', 'a.docx', office('word', { [main]: '<a/>' }, fourBombs()), 'too_complex'],
    [
      'a document whose main part would be a bomb',
      'a.docx',
      office('word', {}, [{ name: main, content: '<a/>', statedSize: 2 ** 31 }]),
      'too_complex',
    ],
    [
      'a document that lies about its size',
      'a.docx',
      office('word', {}, [{ name: main, content: spaces, statedSize: 10 }]),
      'damaged',
    ],
    ['entities that multiply', 'a.docx', bomb(`<!DOCTYPE a [<!ENTITY e0 "lol">${entities}]><a>&e9;</a>`), 'damaged'],
    [
      'an entity that reads a file',
      'a.docx',
      bomb('<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>'),
      'damaged',
    ],
    ['XML that is very deep', 'a.docx', bomb('<a>'.repeat(100_000)), 'too_complex'],
    ['XML that is not closed', 'a.docx', bomb('<a><b>'), 'damaged'],
    [
      'a document without its main part',
      'a.docx',
      zip([{ name: '[Content_Types].xml', content: typesOf('wordprocessingml.document') }]),
      'damaged',
    ],
    ['a document that is locked', 'a.docx', office('word', {}, [{ name: main, content: 'x', flags: 1 }]), 'protected'],
    ['the beginning of a document', 'a.docx', word('Some words').subarray(0, 600), 'damaged'],
    [
      'a document that climbs out',
      'a.docx',
      office('word', {
        'word/_rels/document.xml.rels': relations({ r1: ['footnotes', '../../../etc/passwd'] }),
        [main]: '<a/>',
      }),
      'ready',
    ],
    [
      'a workbook of 1,001 sheets',
      'a.xlsx',
      office('sheets', {
        'xl/workbook.xml': `<workbook xmlns:r="r"><sheets>${manySheets}</sheets></workbook>`,
        'xl/_rels/workbook.xml.rels': relations(manyRelations),
      }),
      'too_many_pages',
    ],
    [
      'a workbook with a cell far away',
      'a.xlsx',
      workbook('<row><c r="XFD1"><v>1</v></c><c r="ZZZ1"><v>2</v></c></row>'),
      'ready',
    ],
    ['a presentation of 1,001 slides', 'a.pptx', slides(Array<string>(1001).fill('x')), 'too_many_pages'],
  ];
}

const typesOf = (type: string) =>
  `<Types><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.${type}.main+xml"/></Types>`;

/** Footnotes of 40 MiB each. */
function fourBombs() {
  const names = [1, 2, 3, 4].map((n) => `word/notes${n}.xml`);
  const content = Buffer.concat([text('<a>'), spaces, text('</a>')]);
  const parts = Object.fromEntries(names.map((_, n) => [`r${n}`, ['footnotes', `notes${n + 1}.xml`] as const]));
  return [
    { name: 'word/_rels/document.xml.rels', content: relations(parts) },
    ...names.map((name) => ({ name, content })),
  ];
}

function names(): Row[] {
  return [
    '../../../etc/passwd',
    'C:\\Windows\\win.ini',
    'a\0.txt',
    '.htaccess',
    'con',
    'a.txt\r\nx: y',
    '\u202etxt.exe',
    '"; rm -rf',
  ].map((name) => [`the name ${JSON.stringify(name)}`, name, text('Some words'), 'ready']);
}
