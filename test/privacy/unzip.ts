/** Reads a zip archive by the entries of its central directory, and checks their lengths and checksums (PKWARE APPNOTE 6.3). */
import { crc32, inflateRawSync } from 'node:zlib';

const endOfDirectory = 0x06_05_4b_50;
const directoryEntry = 0x02_01_4b_50;
const localEntry = 0x04_03_4b_50;
const endBytes = 22;

/** Texts by file name. Throws if the archive is incomplete. */
export function unzip(archive: Buffer): Map<string, string> {
  const end = archive.length - endBytes;
  check(end >= 0 && archive.readUInt32LE(end) === endOfDirectory, 'no end of the directory');
  const files = new Map<string, string>();
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left -= 1) {
    check(archive.readUInt32LE(at) === directoryEntry, 'no entry of the directory');
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((from) => archive.readUInt16LE(at + from));
    const name = archive.toString('utf8', at + 46, at + 46 + nameBytes!);
    check(!files.has(name), `two files ${name}`);
    files.set(name, contentOf(archive, at, name));
    at += 46 + nameBytes! + extraBytes! + commentBytes!;
  }
  check(at === end, 'bytes after the directory');
  return files;
}

function contentOf(archive: Buffer, entry: number, name: string): string {
  const local = archive.readUInt32LE(entry + 42);
  check(archive.readUInt32LE(local) === localEntry, `no file at the entry of ${name}`);
  const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
  const stored = archive.subarray(start, start + archive.readUInt32LE(entry + 20));
  const content = archive.readUInt16LE(entry + 10) === 0 ? stored : inflateRawSync(stored);
  check(content.length === archive.readUInt32LE(entry + 24), `length of ${name}`);
  check(crc32(content) === archive.readUInt32LE(entry + 16), `checksum of ${name}`);
  return content.toString('utf8');
}

function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(`not a whole archive: ${what}`);
}
