/** What a page makes the browser fetch before it is whole, as the browser counts it: headers and brotli included. */
import type { Page } from 'playwright-core';
import type { Line } from '../line.ts';
import type { Stage } from './stage.ts';

/** After the page is whole nothing may follow for this long. */
const quietMs = 1000;

export interface Fetched {
  readonly scripts: number;
  readonly scriptKb: number;
  readonly allKb: number;
}

/** Opens a page with empty caches until `whole` resolves and nothing more comes. */
export async function fetchedBy(
  stage: Stage,
  address: string,
  whole: (page: Page) => Promise<unknown>,
): Promise<Fetched> {
  const kinds = new Map<string, boolean>();
  const sizes: { readonly isScript: boolean; readonly bytes: number }[] = [];
  let lastAt = performance.now();
  await using tab = await stage.openCold(address, async (_page, session) => {
    session.on('Network.responseReceived', ({ requestId, response }) => {
      kinds.set(requestId, response.mimeType.includes('javascript'));
    });
    session.on('Network.loadingFinished', ({ requestId, encodedDataLength: bytes }) => {
      lastAt = performance.now();
      sizes.push({ isScript: kinds.get(requestId) ?? false, bytes });
    });
  });
  await whole(tab.page);
  while (performance.now() - lastAt < quietMs) await tab.page.waitForTimeout(100);
  const scripts = sizes.filter(({ isScript }) => isScript);
  const kb = (some: typeof sizes) => some.reduce((sum, { bytes }) => sum + bytes, 0) / 1000;
  return { scripts: scripts.length, scriptKb: kb(scripts), allKb: kb(sizes) };
}

export function firstLoadLine(name: string, fetched: Fetched, most: number | null): Line {
  return {
    name: `first load, script of ${name}`,
    ours: `${fetched.scriptKb.toFixed(1)} KB`,
    bare: '',
    ratio: null,
    goal: most === null ? '' : `≤ ${most} KB`,
    met: most === null ? null : fetched.scriptKb <= most,
    note: `${fetched.scripts} files of script; ${fetched.allKb.toFixed(0)} KB with everything else it asked for.`,
  };
}
