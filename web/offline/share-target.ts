/** Receives what another app shares: it is stored here until a new chat takes it (`files/shared-in.ts`). */

/** Its name is in `files/attached.ts` too: a module of both would be a file that a service worker cannot import. */
export const sharedCache = 'pollux-shared';
/** As many as a message can have. */
const mostFiles = 10;

/** Answers the form of the system's share sheet. What was shared before and not taken is replaced. */
export async function receiveShare(request: Request): Promise<Response> {
  try {
    await keep(await request.formData());
  } catch {
    // It is too large for this device: the chat opens without it.
  }
  return Response.redirect('/app/?shared=true', 303);
}

async function keep(form: FormData): Promise<void> {
  await caches.delete(sharedCache);
  const cache = await caches.open(sharedCache);
  const words = ['title', 'text', 'url'].map((name) => form.get(name)).filter((part) => typeof part === 'string');
  const text = [...new Set(words.map((part) => part.trim()))].filter((part) => part !== '').join('\n');
  if (text !== '') await cache.put('/app/share/text', new Response(text));
  const files = form.getAll('files').filter((part) => part instanceof File);
  for (const [index, file] of files.slice(0, mostFiles).entries()) {
    const headers = { 'content-type': file.type, 'x-name': encodeURIComponent(file.name.toWellFormed()) };
    await cache.put(`/app/share/${index}`, new Response(file, { headers }));
  }
}
