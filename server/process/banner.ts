/** The banner printed after start: enabled features, addresses, and what to configure next. */
import type { Config } from '../config/config.ts';
import { version } from '../config/version.ts';

/** `url` is null for a worker, which does not listen. */
export function banner(config: Config, url: string | null): string {
  const rows: [string, string][] = [
    [
      'Mode',
      config.database.kind === 'embedded' ? `embedded PostgreSQL in ${config.database.directory}` : 'PostgreSQL',
    ],
    ['Queue', config.redis ? `Redis at ${config.redis.host}:${config.redis.port}` : 'in this process'],
    ['Model', modelsIn(config)],
    ['Codes', codes(config)],
    ['Billing', config.stripe ? 'Stripe' : 'off'],
  ];
  if (config.role !== 'all' || config.webConcurrency > 1)
    rows.push(['Role', `${config.role}, ${config.webConcurrency} process(es)`]);
  if (url !== null && config.role === 'worker') rows.push(['Health', `${url}/health/ready  and  ${url}/metrics`]);
  else if (url !== null) rows.push(['Open', url], ...docs(config, url));
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
  return ['', `  Pollux ${version}`, '', ...lines, ...notes(config), ''].join('\n');
}

function docs({ operator }: Config, url: string): [string, string][] {
  return operator.publicDocs ? [['Docs', `${url}/docs  and  ${url}/redoc`]] : [];
}

function codes({ sms, otp }: Config): string {
  const by = sms.kind === 'console' ? 'shown in this terminal' : `by SMS through ${sms.vendor}`;
  if (otp.echo) return `${by}, and in the answer of send-otp to a direct call`;
  return otp.echoOffBy === null ? by : `${by}; not in the answer of send-otp, since ${otp.echoOffBy} tells of a proxy`;
}

/** By the names of their vendors. */
function modelsIn({ catalog }: Config): string {
  return catalog.models
    .map((model) => (model.provider === 'demo' ? 'DEMO, not Gemini' : model.candidates[0]))
    .join(', ');
}

function notes({ catalog, database, redis, stripe, otp, production, frontendUrl }: Config): string[] {
  const next = [
    catalog.models.some(({ provider }) => provider === 'demo') ? 'GEMINI_API_KEY for real answers' : '',
    database.kind === 'embedded' ? 'DATABASE_URL for PostgreSQL' : '',
    redis === null ? 'REDIS_URL to run several processes' : '',
    stripe === null ? 'STRIPE_* to sell Pro' : '',
  ].filter(Boolean);
  return [
    ...(otp.echoExposed
      ? ['', '  WARNING  OTP_ECHO is on where others can reach this server: anyone can sign in as anyone. Unset it.']
      : []),
    ...(production && stripe !== null && frontendUrl === null
      ? ['', '  WARNING  FRONTEND_URL is not set: Stripe sends people back to an address only this machine can open.']
      : []),
    ...(production && stripe !== null && /^[sr]k_test_/.test(stripe.secretKey)
      ? ['', '  WARNING  STRIPE_SECRET_KEY is a test key: anybody gets Pro with a test card. Set the live key.']
      : []),
    ...(next.length > 0 && !production
      ? ['', `  Set next: ${next.join(', ')}.`, '  All settings: npm start -- --help']
      : []),
  ];
}
