/** A thread that renders the replies of one shared chat and ends. */
import { parentPort, workerData } from 'node:worker_threads';
import { markdownToHtml } from './markdown.ts';
import { plainToHtml } from './plain-text.ts';

function render(source: string): string {
  try {
    return markdownToHtml(source);
  } catch {
    // Nested too deeply.
    return plainToHtml(source);
  }
}

parentPort!.postMessage((workerData as readonly string[]).map(render), []);
