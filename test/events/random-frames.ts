/** Random conversations of a WebSocket client (RFC 6455), most of them with the close code that must end them. */
import { randomBytes } from 'node:crypto';
import net from 'node:net';
import { frameRate, maxFrameBytes, socketCloses } from '../../contract/socket.ts';
import { anyOf, type Random } from '../random.ts';

export interface Talk {
  /** What its last frames are. */
  readonly what: string;
  readonly frames: readonly Buffer[];
  /** The code that must end it; null if any documented one may. */
  readonly code: number | null;
}

const opcodes = { rest: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

interface FrameOptions {
  /** False for the frames before the last one of a message. */
  readonly fin?: boolean;
  /** Reserved bits; the first means compression. */
  readonly rsv?: number;
  readonly masked?: boolean;
  /** Another length than that of the payload. */
  readonly length?: number;
}

/** A frame as a client sends it. */
function frame(
  random: Random,
  opcode: number,
  payload: Buffer | string,
  { fin = true, rsv = 0, masked = true, length }: FrameOptions = {},
): Buffer {
  const bytes = Buffer.from(payload);
  const said = length ?? bytes.length;
  const short = said < 126 ? said : said < 65_536 ? 126 : 127;
  const head = Buffer.alloc(2 + (short === 127 ? 8 : short === 126 ? 2 : 0));
  head[0] = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  head[1] = (masked ? 0x80 : 0) | short;
  if (short === 126) head.writeUInt16BE(said, 2);
  if (short === 127) head.writeBigUInt64BE(BigInt(said), 2);
  if (!masked) return Buffer.concat([head, bytes]);
  const mask = Buffer.from(Array.from({ length: 4 }, () => random(256)));
  return Buffer.concat([head, mask, bytes.map((byte, index) => byte ^ mask[index % 4]!)]);
}

const hello = '{"type":"hello","resume_from":null}';
const ping = '{"type":"ping"}';

/** Bytes that are no UTF-8 wherever they stand. */
const notUtf8 = [[0xff], [0xc3, 0x28], [0xed, 0xa0, 0x80], [0xc0, 0xaf], [0xf4, 0x90, 0x80, 0x80]].map((bytes) =>
  Buffer.from(bytes),
);

type Ending = (random: Random) => readonly [code: number | null, ...frames: Buffer[]];

const noise = (random: Random, most: number) =>
  Buffer.from(Array.from({ length: 1 + random(most) }, () => random(256)));
const words = (random: Random) =>
  anyOf(random, ['hello', '[', '"', '{"type":', '7', 'null', '[]', '{}', '{"type":7}', '\u0000', '']);

/** What a client that has said hello, or has not, may do last. */
const endings: Readonly<Record<string, Ending>> = {
  'text that is no frame': (random) => [1003, frame(random, opcodes.text, words(random))],
  bytes: (random) => [1003, frame(random, opcodes.binary, noise(random, 200))],
  'text that is not UTF-8': (random) => [
    1007,
    frame(random, opcodes.text, Buffer.concat([Buffer.from('{"type":"'), anyOf(random, notUtf8), Buffer.from('"}')])),
  ],
  'a hello that is not valid': (random) => [
    1008,
    frame(
      random,
      opcodes.text,
      anyOf(random, [
        '{"type":"hello","resume_from":7}',
        '{"type":"hello","resume_from":{}}',
        `{"type":"hello","resume_from":"${'x'.repeat(65)}"}`,
      ]),
    ),
  ],
  'a frame that is too long': (random) => [
    1009,
    frame(random, opcodes.text, 'x'.repeat(maxFrameBytes + 1 + random(4096))),
  ],
  'a frame that says it is long': (random) => [
    1009,
    frame(random, anyOf(random, [1, 2]), '', { length: anyOf(random, [5000, 70_000, 2 ** 40]) }),
  ],
  'many parts': (random) => [
    1008,
    frame(random, opcodes.text, '{', { fin: false }),
    ...Array.from({ length: 20 }, () => frame(random, opcodes.rest, ' ', { fin: false })),
  ],
  'parts that are too long together': (random) => [
    1009,
    frame(random, opcodes.text, 'x'.repeat(3000), { fin: false }),
    frame(random, opcodes.rest, 'x'.repeat(3000)),
  ],
  'a message inside another': (random) => [
    1002,
    frame(random, opcodes.text, '{', { fin: false }),
    frame(random, opcodes.text, ping),
  ],
  'a part of nothing': (random) => [1002, frame(random, opcodes.rest, ping)],
  'reserved bits': (random) => [1002, frame(random, anyOf(random, [1, 2, 8, 9, 10]), ping, { rsv: 1 + random(7) })],
  'a reserved kind': (random) => [1002, frame(random, anyOf(random, [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]), ping)],
  'no mask': (random) => [1002, frame(random, opcodes.text, ping, { masked: false })],
  'a ping in parts': (random) => [1002, frame(random, opcodes.ping, 'x', { fin: false })],
  'a long ping': (random) => [1002, frame(random, anyOf(random, [opcodes.ping, opcodes.pong]), 'x'.repeat(126))],
  'a close of one byte': (random) => [1002, frame(random, opcodes.close, 'x')],
  'a close with a code that is none': (random) => [
    1002,
    frame(random, opcodes.close, codeBytes(anyOf(random, [0, 999, 1004, 1005, 1006, 1015, 2999, 5000]))),
  ],
  'a close that is not UTF-8': (random) => [
    1007,
    frame(random, opcodes.close, Buffer.concat([codeBytes(1000), anyOf(random, notUtf8)])),
  ],
  'many pings': (random) => [
    4429,
    ...Array.from({ length: frameRate.atMost + 1 }, () =>
      frame(random, anyOf(random, [opcodes.ping, opcodes.pong]), 'x'),
    ),
  ],
  'anything at all': (random) => [null, notAClose(noise(random, 400))],
};

/** The code of a valid close is sent back, whatever it is. */
function notAClose(bytes: Buffer): Buffer {
  if ((bytes[0]! & 15) === opcodes.close) bytes[0]! += 1;
  return bytes;
}

const codeBytes = (code: number) => Buffer.from([code >> 8, code & 255]);

/** Frames that close nothing, whether or not the client has said hello. */
const harmless: readonly ((random: Random) => readonly Buffer[])[] = [
  (random) => [frame(random, opcodes.ping, noise(random, 125))],
  (random) => [frame(random, opcodes.pong, '')],
  (random) => [frame(random, opcodes.text, '{"type":"a new kind","of":["frame"]}')],
  (random) => [
    frame(random, opcodes.text, '{"type":', { fin: false }),
    frame(random, opcodes.ping, ''),
    frame(random, opcodes.rest, '"later"}'),
  ],
];

/** A conversation: perhaps a hello, some frames that are allowed, frames that are not, and some more that nobody reads. */
export function randomTalk(random: Random): Talk {
  const says = random(2) === 0;
  const greeting = says ? [frame(random, opcodes.text, hello)] : [];
  const before = Array.from({ length: random(3) }, () => anyOf(random, harmless)(random)).flat();
  const after = Array.from({ length: random(3) }, () => frame(random, random(16), noise(random, 200)));
  const [what, code, ...last] = ending(random, says);
  return { what, code, frames: [...greeting, ...before, ...last, ...after] };
}

function ending(random: Random, greeted: boolean): readonly [what: string, code: number | null, ...Buffer[]] {
  // The order of frames matters for these two.
  if (random(10) === 0)
    return greeted
      ? ['a second hello', 1008, frame(random, opcodes.text, hello)]
      : ['a ping before the hello', 4408, frame(random, opcodes.text, ping)];
  const what = anyOf(random, Object.keys(endings));
  return [what, ...endings[what]!(random)];
}

/** Has a conversation and returns the code of the server's close frame; 0 if there is none. Rejects without a close in time. */
export async function converse(url: string, token: string, { frames, code }: Talk, random: Random): Promise<number> {
  const socket = net.connect(Number(new URL(url).port), '127.0.0.1').setNoDelay();
  let isLate = false;
  socket.setTimeout(10_000, () => {
    isLate = true;
    socket.destroy();
  });
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  // The server may close while frames are still written.
  socket.on('error', () => {});
  const closed = new Promise((resolve) => socket.once('close', resolve));
  const key = randomBytes(16).toString('base64');
  const fields = `host: x\r\nauthorization: Bearer ${token}\r\nconnection: upgrade\r\nupgrade: websocket`;
  socket.write(`GET /ws HTTP/1.1\r\n${fields}\r\nsec-websocket-version: 13\r\nsec-websocket-key: ${key}\r\n\r\n`);
  // Frames come in pieces of any length, also cut in the middle of a header. A close ends those that nothing else ends.
  const bytes = Buffer.concat([...frames, frame(random, opcodes.close, '')]);
  const pieces = 1 + random(4);
  for (let at = 0; at < bytes.length;) {
    const piece = bytes.subarray(at, at + 1 + random(Math.ceil((2 * bytes.length) / pieces)));
    at += piece.length;
    await new Promise<void>((resolve) => socket.write(piece, () => resolve()));
  }
  // Noise may begin a frame that needs more bytes.
  if (code === null) socket.end();
  await closed;
  if (isLate) throw new Error('no close within 10 s');
  return closeCodeIn(Buffer.concat(chunks));
}

/** Whether a conversation may end with this code. */
export function isExpectedClose({ code }: Talk, received: number): boolean {
  if (code !== null) return received === code;
  return received === 0 || received in socketCloses;
}

/** The code of the close frame among the frames of a server; 0 if there is none. */
function closeCodeIn(received: Buffer): number {
  let at = received.indexOf('\r\n\r\n') + 4;
  while (at >= 4 && at + 2 <= received.length) {
    const opcode = received[at]! & 15;
    const short = received[at + 1]!;
    const length = short === 126 ? received.readUInt16BE(at + 2) : short;
    const start = at + (short === 126 ? 4 : 2);
    if (opcode === opcodes.close) return length >= 2 ? received.readUInt16BE(start) : 0;
    at = start + length;
  }
  return 0;
}
