/** The Content-Security-Policy of the web client, for any server of it. */

/**
 * Scripts and styles come from the client's own origin alone, none inline; strings become scripts only through the
 * client's own policy (Trusted Types). `api` is the origin of an API elsewhere, null for one beside the client.
 */
export function webClientPolicy(api: string | null): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' blob: data:",
    `connect-src 'self'${api === null ? '' : ` ${api} ${api.replace(/^http/, 'ws')}`}`,
    "font-src 'self'",
    "worker-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types pollux',
  ].join('; ');
}
