/** What the browser downloads before a page is complete, in bytes over the network. */
import type { Page } from 'playwright-core';
import type { Line } from '../line.ts';
import type { Stage } from './stage.ts';

/** How long the network must be idle after the page is complete. */
const quietMs = 1000;

export interface Fetched {
  readonly scripts: number;
  /** Sizes of bodies as transferred, with brotli. */
  readonly scriptKb: number;
  readonly headerKb: number;
  readonly allKb: number;
}

/** Opens a page with empty caches and waits until `whole` resolves and the network is idle. */
export async function fetchedBy(
  stage: Stage,
  address: string,
  whole: (page: Page) => Promise<unknown>,
): Promise<Fetched> {
  const begun = new Map<string, { readonly isScript: boolean; readonly headerBytes: number }>();
  const files: { readonly isScript: boolean; readonly headerBytes: number; readonly bytes: number }[] = [];
  let lastAt = performance.now();
  await using tab = await stage.openCold(address, async (_page, session) => {
    session.on('Network.responseReceived', ({ requestId, response }) => {
      if (response.fromDiskCache || response.fromServiceWorker) throw new Error(`${response.url} came from a cache`);
      const isScript = response.mimeType.includes('javascript');
      begun.set(requestId, { isScript, headerBytes: response.encodedDataLength });
    });
    session.on('Network.loadingFinished', ({ requestId, encodedDataLength: bytes }) => {
      lastAt = performance.now();
      const file = begun.get(requestId);
      if (file !== undefined) files.push({ ...file, bytes });
    });
  });
  await whole(tab.page);
  while (performance.now() - lastAt < quietMs) await tab.page.waitForTimeout(100);
  const scripts = files.filter(({ isScript }) => isScript);
  const kb = (numbers: readonly number[]) => numbers.reduce((sum, bytes) => sum + bytes, 0) / 1000;
  return {
    scripts: scripts.length,
    scriptKb: kb(scripts.map(({ bytes, headerBytes }) => bytes - headerBytes)),
    headerKb: kb(scripts.map(({ headerBytes }) => headerBytes)),
    allKb: kb(files.map(({ bytes }) => bytes)),
  };
}

export function firstLoadLine(name: string, fetched: Fetched, most: number | null): Line {
  return {
    name: `first load, script of ${name}`,
    ours: `${fetched.scriptKb.toFixed(1)} KB`,
    bare: '',
    ratio: null,
    goal: most === null ? '' : `≤ ${most} KB`,
    met: most === null ? null : fetched.scriptKb <= most,
    note: `${fetched.scripts} files, whose headers are ${fetched.headerKb.toFixed(1)} KB; all downloads are ${fetched.allKb.toFixed(0)} KB.`,
  };
}
