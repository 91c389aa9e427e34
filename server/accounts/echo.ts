/** Whether an answer may hold the code itself: only for a developer who asks this machine directly. */
import type { FastifyRequest } from 'fastify';
import type { OtpConfig } from '../config/sign-in.ts';

/** Added by proxies, tunnels and content delivery networks; a client that calls us directly sends none of them. */
const forwarding =
  /^(forwarded|via|x-forwarded(-.*)?|x-original-.*|x-real-ip|x-client-ip|x-cluster-client-ip|x-envoy-.*|x-amzn-trace-id|x-azure-.*|true-client-ip|fastly-client-ip|fly-.*|cf-.*|cdn-loop|tailscale-.*|x-appengine-.*|x-cloud-trace-context)$/;

/** A page of another site that had its name point here (DNS rebinding) still calls us by that name. */
const loopbackHost = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

export function mayEcho(otp: OtpConfig, { raw, headers }: Pick<FastifyRequest, 'raw' | 'headers'>): boolean {
  if (!otp.echo) return false;
  // nginx speaks HTTP/1.0 to its upstream and adds no header, unless told otherwise.
  if (raw.httpVersion === '1.0') return false;
  if (Object.keys(headers).some((name) => forwarding.test(name))) return false;
  return otp.echoExposed || loopbackHost.test(headers.host ?? '');
}
