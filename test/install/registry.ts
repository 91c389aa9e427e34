/** An npm registry with a few invented packages; it can stop in the middle of a download. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

export interface Published {
  readonly version: string;
  readonly integrity: string;
}

export interface Registry extends AsyncDisposable {
  readonly url: string;
  /** Paths requested so far. */
  readonly asked: string[];
  /** Packs a package.json followed by `files`. */
  publish(name: string, version: string, files: Readonly<Record<string, string>>): Published;
  /** Sends only the first half of this package from now on; the function it returns sends the rest. */
  hold(name: string): () => void;
}

/** Starts it; `folder` is where packages are packed. */
export async function startRegistry(folder: string): Promise<Registry> {
  const tarballs = new Map<string, Buffer>();
  const documents = new Map<string, Record<string, object>>();
  const asked: string[] = [];
  const held = new Map<string, Array<() => void>>();

  const server = createServer((request, response) => {
    const wanted = decodeURIComponent(request.url ?? '').slice(1);
    asked.push(wanted);
    const tarball = tarballs.get(wanted);
    const versions = documents.get(wanted);
    if (tarball) send(wanted, tarball, response);
    else if (versions) response.end(JSON.stringify({ name: wanted, versions, 'dist-tags': {} }));
    else response.writeHead(404).end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  function send(wanted: string, tarball: Buffer, response: ServerResponse): void {
    const waiting = held.get(wanted.split('/')[0]!);
    if (!waiting) return void response.end(tarball);
    const half = tarball.length >> 1;
    response.writeHead(200, { 'content-length': tarball.length }).write(tarball.subarray(0, half));
    waiting.push(() => response.end(tarball.subarray(half)));
  }

  return {
    url,
    asked,
    publish(name, version, files) {
      const source = path.join(folder, `${name}-${version}`, 'package');
      const all = { 'package.json': JSON.stringify({ name, version, type: 'module' }), ...files };
      for (const [file, text] of Object.entries(all)) {
        mkdirSync(path.dirname(path.join(source, file)), { recursive: true });
        writeFileSync(path.join(source, file), text);
      }
      const packed = path.join(folder, `${name}-${version}.tgz`);
      const members = Object.keys(all).map((file) => `package/${file}`);
      execFileSync('tar', ['-czf', packed, '-C', path.dirname(source), ...members]);
      const tarball = readFileSync(packed);
      const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
      const place = `${name}/-/${version}.tgz`;
      tarballs.set(place, tarball);
      const dist = { tarball: `${url}/${place}`, integrity };
      documents.set(name, { ...documents.get(name), [version]: { name, version, dist } });
      return { version, integrity };
    },
    hold(name) {
      held.set(name, []);
      return () => {
        for (const release of held.get(name) ?? []) release();
        held.delete(name);
      };
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
