/** The API documents, served without other hosts: OpenAPI, Swagger UI, ReDoc and the problems page. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import type { Endpoint } from '../../contract/endpoint.ts';
import { iconDataUri, iconSvg } from './icon.ts';
import { openApiDocument } from './openapi.ts';
import { hideFromOthers, type IsOperator } from './operator.ts';
import { problemsPage, problemsPolicy } from './problems-page.ts';

interface DocsDeps {
  readonly version: string;
  /** If false, only operators may read the documents; the problems page stays public. */
  readonly publicDocs: boolean;
  readonly isOperator: IsOperator;
}

/** Must be registered before the endpoints: it collects them by an `onRoute` hook. */
export async function registerDocs(app: FastifyInstance, { version, publicDocs, isOperator }: DocsDeps): Promise<void> {
  const endpoints: Endpoint[] = [];
  app.addHook('onRoute', ({ config, method }) => {
    // The HEAD route of each GET is not documented.
    if (config?.endpoint && method === config.endpoint.method) endpoints.push(config.endpoint);
  });
  await app.register(swagger, {
    openapi: { openapi: '3.1.0' },
    // Endpoint objects hold more than their route schemas.
    transform: ({ schema, url }) => ({ schema: { ...schema, hide: true }, url }),
    transformObject: () => openApiDocument(endpoints, version) as Record<string, never>,
  });
  await app.register(async (scope) => {
    // Matched by route, since a path can be percent-encoded in many ways.
    if (!publicDocs) hideFromOthers(scope, isOperator);
    await registerSwaggerUi(scope);
    scope.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
    registerRedoc(scope);
  });
  const problems = problemsPage(publicDocs);
  app.get('/problems', { schema: { hide: true } }, (_request, reply) =>
    reply.type('text/html; charset=utf-8').header('content-security-policy', problemsPolicy).send(problems),
  );
}

/** Nothing may come from another host. */
const swaggerPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The documents list this server only. */
const swaggerStyle = `
.swagger-ui .servers-title, .swagger-ui .servers { display: none; }
.swagger-ui .scheme-container { padding: 16px 0; }
.swagger-ui .info { margin: 32px 0; }
`;

function registerSwaggerUi(app: FastifyInstance): Promise<void> {
  return Promise.resolve(
    app.register(swaggerUi, {
      routePrefix: '/docs',
      staticCSP: swaggerPolicy,
      // The base layout has no top bar, which would load documents from any address.
      uiConfig: {
        layout: 'BaseLayout',
        persistAuthorization: true,
        tryItOutEnabled: true,
        displayRequestDuration: true,
      },
      theme: {
        title: 'Pollux API',
        css: [{ filename: 'pollux.css', content: swaggerStyle }],
        favicon: [{ filename: 'icon.svg', rel: 'icon', sizes: 'any', type: 'image/svg+xml', content: iconSvg }],
      },
    }),
  );
}

const redocPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Pollux API reference</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="${iconDataUri}">
<style>body { margin: 0; padding: 0; }</style>
</head>
<body>
<redoc spec-url="/openapi.json" disable-search="false" hide-download-button="false"></redoc>
<script src="/redoc/redoc.js"></script>
</body>
</html>
`;

/** ReDoc needs inline styles, and a worker from a blob for its search. */
const redocPolicy =
  "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src data:; connect-src 'self'; worker-src blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The ReDoc bundle would load a logo from its vendor's host. */
const foreignLogo = 'https://cdn.redoc.ly/redoc/logo-mini.svg';

function registerRedoc(app: FastifyInstance): void {
  const bundle = createRequire(import.meta.url).resolve('redoc/bundles/redoc.standalone.js');
  const load = async () => (await readFile(bundle, 'utf8')).replaceAll(foreignLogo, iconDataUri);
  let script: Promise<string> | undefined;
  app.get('/redoc', { schema: { hide: true } }, (_request, reply) =>
    reply.type('text/html; charset=utf-8').header('content-security-policy', redocPolicy).send(redocPage),
  );
  app.get('/redoc/redoc.js', { schema: { hide: true } }, async (_request, reply) => {
    script ??= load();
    return reply
      .type('text/javascript; charset=utf-8')
      .header('cache-control', 'public, max-age=86400')
      .send(await script);
  });
}
