/** Helpers that request and guess codes. */
import { request, type Answer, type RequestOptions } from '../client.ts';

type Headers = RequestOptions['headers'];

export function signUp(url: string, mobile_number: string, headers: Headers = {}): Promise<Answer> {
  return request('POST', `${url}/auth/signup`, { body: { mobile_number }, headers });
}

export function sendCode(url: string, mobile_number: string, headers: Headers = {}): Promise<Answer> {
  return request('POST', `${url}/auth/send-otp`, { body: { mobile_number }, headers });
}

export function guess(url: string, mobile_number: string, otp: string, headers: Headers = {}): Promise<Answer> {
  return request('POST', `${url}/auth/verify-otp`, { body: { mobile_number, otp }, headers });
}

/** The n-th wrong guess at a code, from 1. */
export function wrongCode(right: string, n = 1): string {
  return String((Number(right) + n) % 1_000_000).padStart(6, '0');
}

/** Counts answers by status, with the code of those that are problems: `{ '200': 1, '400 invalid_code': 4 }`. */
export function tally(answers: readonly Answer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, body } of answers) {
    const name = status < 400 ? String(status) : `${status} ${body.code}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
