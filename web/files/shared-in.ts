/** Takes what another app shared with this one (the manifest's `share_target`), which the service worker has stored. */
import { keepDraft, readDraft } from '../chat/drafts.ts';
import { addFiles } from './incoming.ts';
import { sharedCache } from './attached.ts';

/** Adds it to the draft of a new chat; what was stored is deleted. */
export async function takeShared(): Promise<void> {
  const cache = await caches.open(sharedCache);
  const requests = await cache.keys();
  const parts = await Promise.all(requests.map(async (request) => partOf(request, (await cache.match(request))!)));
  await caches.delete(sharedCache);
  const words = parts.find((part) => typeof part === 'string') ?? '';
  const draft = readDraft('new');
  if (words !== '') keepDraft('new', draft === '' ? words : `${draft}\n\n${words}`);
  await addFiles(
    'new',
    parts.filter((part) => part instanceof File),
  );
}

async function partOf({ url }: Request, response: Response): Promise<string | File> {
  if (url.endsWith('/text')) return response.text();
  const name = decodeURIComponent(response.headers.get('x-name') ?? '');
  return new File([await response.blob()], name, { type: response.headers.get('content-type') ?? '' });
}
