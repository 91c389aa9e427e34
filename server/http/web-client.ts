/** Serves the built web client under /app/. Hashed files are cached without limit, the shell is not cached. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { webClientPolicy } from '../../contract/web-policy.ts';
import { handleNotFound } from './error-handler.ts';

const folder = fileURLToPath(new URL('../../web/dist', import.meta.url));

/** False if the client has not been built. */
export const hasWebClient = existsSync(path.join(folder, 'index.html'));

const policy = webClientPolicy(null);

export async function serveWebClient(app: FastifyInstance): Promise<void> {
  if (!hasWebClient) return;
  await app.register(
    async (scope) => {
      await scope.register(fastifyStatic, {
        root: folder,
        preCompressed: true,
        cacheControl: false,
        dotfiles: 'ignore',
        schemaHide: true,
        setHeaders(reply, file) {
          const isHashed = file.startsWith(path.join(folder, 'assets'));
          reply.header('cache-control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
          if (/\.html(\.br)?$/.test(file)) reply.header('content-security-policy', policy);
        },
      });
      // Client routes get the shell; missing files get 404.
      scope.setNotFoundHandler((request, reply) => {
        const isPage = request.method === 'GET' && !path.extname(new URL(request.url, 'http://x').pathname);
        return isPage ? reply.sendFile('index.html') : handleNotFound(request, reply);
      });
      scope.get('', { schema: { hide: true } }, (_request, reply) => reply.redirect('/app/', 308));
    },
    { prefix: '/app' },
  );
}
