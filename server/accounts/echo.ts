/** Decides whether a response may contain the code: only for direct requests from this machine, in development. */
import type { FastifyRequest } from 'fastify';
import type { OtpConfig } from '../config/sign-in.ts';

/** Headers added by proxies, tunnels and CDNs. A direct client sends none of them. */
const forwarding =
  /^(forwarded|via|x-forwarded(-.*)?|x-original-.*|x-real-ip|x-client-ip|x-cluster-client-ip|x-envoy-.*|x-amzn-trace-id|x-azure-.*|true-client-ip|fastly-client-ip|fly-.*|cf-.*|cdn-loop|tailscale-.*|x-appengine-.*|x-cloud-trace-context)$/;

/** DNS rebinding: a foreign page whose name resolves to this machine still sends that name as `Host`. */
const loopbackHost = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

export function mayEcho(otp: OtpConfig, { raw, headers }: Pick<FastifyRequest, 'raw' | 'headers'>): boolean {
  if (!otp.echo) return false;
  // By default nginx sends HTTP/1.0 to its upstream, without any forwarding header.
  if (raw.httpVersion === '1.0') return false;
  if (Object.keys(headers).some((name) => forwarding.test(name))) return false;
  return otp.echoExposed || loopbackHost.test(headers.host ?? '');
}
