/** Deliberate changes to how requests are answered. */
import type { Change } from '../change.ts';

export const httpChanges: readonly Change[] = [
  {
    breaks: 'any account may call operations for administrators',
    file: 'server/http/serve.ts',
    find: `if (auth === 'admin' && role !== 'admin') throw notFound();`,
    replace: '',
    test: 'server/http/serve.test.ts',
    named: 'does not exist for other accounts',
  },
  {
    breaks: "a 500 shows the error's message",
    file: 'server/http/error-handler.ts',
    find: "new ProblemError('internal_error')",
    replace: "new ProblemError('internal_error', { members: { detail: error.message } })",
    test: 'test/http/nothing-leaks.test.ts',
    named: 'becomes a 500 without its message or stack',
  },
  {
    breaks: 'a page of any origin may read answers',
    file: 'server/api.ts',
    find: 'return origins.length > 0 ? [...origins] : false;',
    replace: `return origins.length > 0 ? [...origins] : '*';`,
    test: 'test/http/cross-origin.test.ts',
    named: 'may read nothing by default',
  },
  {
    breaks: 'CORS_ORIGINS=* allows nobody',
    file: 'server/api.ts',
    find: `if (corsOrigins.includes('*')) return '*';`,
    replace: `if (corsOrigins.includes('*')) return false;`,
    test: 'test/http/cross-origin.test.ts',
    named: 'are all allowed by *',
  },
  {
    breaks: 'FRONTEND_URL with a path allows nobody',
    file: 'server/api.ts',
    find: 'new URL(frontendUrl).origin',
    replace: 'frontendUrl',
    test: 'test/http/cross-origin.test.ts',
    named: 'are allowed from the origin of FRONTEND_URL',
  },
  {
    breaks: 'pages of other origins cannot read our headers',
    file: 'server/api.ts',
    find: `'ratelimit', 'ratelimit-policy', 'retry-after', 'x-request-id'`,
    replace: `'ratelimit'`,
    test: 'test/http/cross-origin.test.ts',
    named: 'may read the headers of the contract',
  },
];
