/** Public URLs of the server and its pages. */
import type { Config } from '../config/config.ts';

/** The server's own URL when no public URL is configured. */
function ownUrl({ host, port }: { readonly host: string; readonly port: number }): string {
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}

/** The page after a payment: at `FRONTEND_URL`, otherwise this server's own. */
export function returnPage({ frontendUrl, ...own }: Pick<Config, 'frontendUrl' | 'host' | 'port'>): string {
  return frontendUrl === null ? `${ownUrl(own)}/app/plans` : `${frontendUrl}/`;
}
