/** HTTP routes for shared chats, and their page. */
import type { FastifyInstance } from 'fastify';
import { replayedHeaders } from '../../contract/endpoint.ts';
import * as contract from '../../contract/shares.ts';
import type { Keys } from '../accounts/keys.ts';
import { once } from '../accounts/once.ts';
import { htmlPagePolicy } from '../http/html-page.ts';
import type { Serve } from '../http/serve.ts';
import { languageOf, varyByLanguage } from '../languages/reader.ts';
import type { Database } from '../ports/database.ts';
import type { Feed } from '../ports/feed.ts';
import type { Limits } from '../ports/limits.ts';
import { notFound, ProblemError } from '../problems/problem.ts';
import { readerAdmission } from './admit.ts';
import { handleOf, originOf, pagePath, randomHandle, tokenOf } from './link.ts';
import { missingPage } from './page.ts';
import { pageReader, readShared } from './read.ts';
import { markdownRenderer } from './render.ts';
import { addShare, deleteShare, listShares, sharesAtMost, type ShareRow } from './store.ts';

export interface ShareDeps {
  readonly db: Database;
  readonly feed: Feed;
  readonly keys: Keys;
  readonly limits: Limits;
  /** Reads of shared chats a minute for an address; 0 = no limits. */
  readonly sharedReadsMinute: number;
  /** A public URL of this server or its client. */
  readonly returnUrl: string;
}

export function serveShares(app: FastifyInstance, serve: Serve, deps: ShareDeps): void {
  const { db, feed, keys, returnUrl } = deps;
  const admit = readerAdmission(deps, deps.sharedReadsMinute);
  const readPage = pageReader(deps, markdownRenderer());

  const present = ({ id, handle, createdAt }: ShareRow, origin: string): contract.Share => ({
    id,
    url: `${origin}${pagePath}${tokenOf(keys, handle)}`,
    created_at: createdAt.toISOString(),
  });
  const announce = (userId: number) => feed.publish(userId, [{ type: 'user.changed', what: 'shares' }]);

  serve(contract.createShare, async ({ caller, params, requestKey, request, reply }) => {
    const { userId } = caller;
    const { created, replayed } = await once(db, userId, requestKey, async (tx) => {
      const added = await addShare(tx, userId, params.chatroom_id, randomHandle());
      if (!('refused' in added)) return { ...added.share, createdAt: added.share.createdAt.toISOString() };
      const { refused: reason } = added;
      if (reason === 'missing') throw notFound();
      throw new ProblemError('limit_reached', { reason, values: { limit: sharesAtMost } });
    });
    if (replayed) reply.headers(replayedHeaders);
    else announce(userId);
    reply.header('location', `/chatroom/${params.chatroom_id}/shares/${created.id}`);
    return present({ ...created, createdAt: new Date(created.createdAt) }, originOf(request, returnUrl));
  });

  serve(contract.listShares, async ({ caller, params, request }) => {
    const shares = await listShares(db, caller.userId, params.chatroom_id);
    if (shares === null) throw notFound();
    const origin = originOf(request, returnUrl);
    return shares.map((share) => present(share, origin));
  });

  serve(contract.deleteShare, async ({ caller, params }) => {
    if (!(await deleteShare(db, caller.userId, params.chatroom_id, params.share_id))) throw notFound();
    announce(caller.userId);
    return undefined;
  });

  serve(contract.readShared, async ({ params, request, reply }) => {
    reply.headers(contract.unlisted);
    // Costs nothing, so guesses are not counted.
    if (handleOf(keys, params.token) === null) throw notFound();
    await admit(request.ip, reply.raw);
    return reply.type('application/json; charset=utf-8').send(await readShared(deps, params.token));
  });

  app.get<{ Params: { token: string } }>(
    `${pagePath}:token`,
    { schema: { hide: true } },
    async (request, reply): Promise<Buffer | string> => {
      const { token } = request.params;
      const language = languageOf(request.headers);
      varyByLanguage(reply);
      reply.headers({
        ...contract.unlisted,
        'cache-control': 'no-store',
        'content-security-policy': htmlPagePolicy,
        'content-language': language,
        // The link is a secret.
        'referrer-policy': 'no-referrer',
      });
      if (handleOf(keys, token) !== null) await admit(request.ip, reply.raw);
      try {
        const page = await readPage(token, language);
        reply.type('text/html; charset=utf-8');
        return page;
      } catch (error) {
        const isMissing = error instanceof ProblemError && error.code === 'not_found';
        if (!isMissing || !/\btext\/html\b/.test(request.headers.accept ?? '')) throw error;
        reply.code(404).type('text/html; charset=utf-8');
        return missingPage(language);
      }
    },
  );
}
