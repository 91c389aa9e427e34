/** Sign-in by phone: signup, one-time codes, token rotation, devices. */
import { Type, type Static } from 'typebox';
import { endpoint } from './endpoint.ts';
import { Tier } from './plans.ts';
import { Id, Nullable, Timestamp } from './shapes.ts';

const MobileNumber = Type.String({
  maxLength: 64,
  description: 'E.164: `+` and 7–15 digits. Spaces, dashes, dots and brackets are accepted.',
  examples: ['+14155550123'],
});

const sessionExample = '0d9f1a5e-6d3c-4a57-9d3b-2f7f5a1f0c11';
const refreshTokenExample = `${sessionExample}.0.Zm9yIGRvY3VtZW50YXRpb24gb25seSwgbm90IGEgdG9rZW4`;

const message = Type.String({
  description: 'A sentence to show to the user.',
  examples: ['Ask for a code to sign in with.'],
});

export const Signup = Type.Object({ mobile_number: MobileNumber }, { title: 'Signup' });
export const SignedUp = Type.Object(
  { mobile_number: Type.String({ examples: ['+14155550123'] }), message },
  { title: 'SignedUp' },
);
export type SignedUp = Static<typeof SignedUp>;

export const CodeSent = Type.Object(
  {
    message,
    expires_in: Type.Integer({ description: 'Lifetime of the code in seconds.', examples: [300] }),
    resend_after: Type.Integer({ description: 'Seconds until another code can be requested.', examples: [60] }),
  },
  { title: 'CodeSent' },
);
export type CodeSent = Static<typeof CodeSent>;

/** The response of send-otp while the development echo is on. No other schema has this member. */
export const CodeSentWithEcho = Type.Object(
  {
    ...CodeSent.properties,
    otp: Type.Optional(
      Type.String({
        description: 'The code. Only in development (`OTP_ECHO`), and never through a proxy.',
        examples: ['123456'],
      }),
    ),
  },
  { title: 'CodeSentWithEcho' },
);

export const Verification = Type.Object(
  {
    mobile_number: MobileNumber,
    otp: Type.String({ maxLength: 32, description: 'The six digits.', examples: ['123456'] }),
  },
  { title: 'Verification' },
);

export const Tokens = Type.Object(
  {
    access_token: Type.String({
      description: 'JWT for `Authorization: Bearer`.',
      examples: ['eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiI3In0.c2lnbmF0dXJl'],
    }),
    token_type: Type.Literal('bearer'),
    expires_in: Type.Integer({ description: 'Lifetime of the access token in seconds.', examples: [86_400] }),
    refresh_token: Type.Optional(
      Type.String({
        description: 'Valid once; `POST /auth/refresh` returns the next one. Absent with `X-Session: cookie`.',
        examples: [refreshTokenExample],
      }),
    ),
  },
  { title: 'Tokens' },
);
export type Tokens = Static<typeof Tokens>;

export const Refresh = Type.Object(
  {
    refresh_token: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 512,
        description: 'The newest refresh token of the session. Not needed with `X-Session: cookie`.',
        examples: [refreshTokenExample],
      }),
    ),
  },
  { title: 'Refresh', examples: [{ refresh_token: refreshTokenExample }] },
);

/** For browsers: the refresh token is kept in an `HttpOnly` cookie. */
const SessionHeader = Type.Object({
  'x-session': Type.Optional(
    Type.String({
      maxLength: 16,
      description:
        '`cookie`: the refresh token is set and read as an `HttpOnly`, `SameSite=Strict` cookie instead of in the body.',
      examples: ['cookie'],
    }),
  ),
});

export const User = Type.Object(
  {
    id: Id,
    mobile_number: Type.String({ examples: ['+14155550123'] }),
    subscription_tier: Tier,
    daily_message_count: Type.Integer({ minimum: 0, description: 'Messages charged today (UTC).', examples: [2] }),
    last_message_date: Nullable(
      Type.String({
        format: 'date',
        description: 'The last UTC day on which a message was charged.',
        examples: ['2026-11-23'],
      }),
    ),
    created_at: Timestamp,
    role: Type.Enum(['user', 'admin']),
  },
  { title: 'User' },
);
export type User = Static<typeof User>;

export const Session = Type.Object(
  {
    id: Type.String({ format: 'uuid', examples: [sessionExample] }),
    created_at: Timestamp,
    last_used_at: Type.String({ ...Timestamp, description: 'When its tokens were last refreshed.' }),
    user_agent: Nullable(Type.String({ description: 'The `User-Agent` of the device.', examples: ['curl/8.5.0'] })),
    current: Type.Boolean({ description: 'True for the session of this request.', examples: [true] }),
  },
  { title: 'Session' },
);
export type Session = Static<typeof Session>;

export const signup = endpoint({
  method: 'POST',
  path: '/auth/signup',
  operationId: 'signup',
  tag: 'Accounts',
  summary: 'Register a phone number',
  description:
    'The response is the same for new and known numbers. The account becomes usable once a code has been verified.',
  auth: 'none',
  body: Signup,
  answers: { 201: { description: 'Registered.', body: SignedUp } },
  problems: ['too_many_requests'],
});

export const sendOtp = endpoint({
  method: 'POST',
  path: '/auth/send-otp',
  operationId: 'sendOtp',
  tag: 'Accounts',
  summary: 'Send a one-time code',
  description:
    'Sends six digits by SMS to a registered number and answers alike for an unknown one. A new code ends the old one. Ten wrong guesses in an hour lock the number for the network they came from. In development the answer to a direct call also holds the code (`OTP_ECHO`).',
  auth: 'none',
  holdsSecret: true,
  body: Signup,
  answers: { 200: { description: 'A code has been sent if the number is registered.', body: CodeSent } },
  problems: ['too_many_codes'],
});

export const verifyOtp = endpoint({
  method: 'POST',
  path: '/auth/verify-otp',
  operationId: 'verifyOtp',
  tag: 'Accounts',
  summary: 'Verify a code and sign in',
  description: 'A code is valid for five minutes, five guesses and one sign-in. Starts a session for this device.',
  auth: 'none',
  holdsSecret: true,
  headers: SessionHeader,
  body: Verification,
  answers: { 200: { description: 'Signed in.', body: Tokens } },
  problems: ['invalid_code', 'too_many_guesses', 'too_many_requests'],
});

export const refresh = endpoint({
  method: 'POST',
  path: '/auth/refresh',
  operationId: 'refreshTokens',
  tag: 'Accounts',
  summary: 'Refresh the tokens of a session',
  description:
    'Returns a new pair and ends the old refresh token. Using an old one again ends the session (RFC 9700), except within 10 seconds, when the same successor is returned. Past 90 days from its start a session cannot be renewed.',
  auth: 'none',
  holdsSecret: true,
  headers: SessionHeader,
  body: Refresh,
  answers: { 200: { description: 'The new tokens.', body: Tokens } },
  problems: ['invalid_token'],
});

export const logout = endpoint({
  method: 'POST',
  path: '/auth/logout',
  operationId: 'logout',
  tag: 'Accounts',
  summary: 'End this session',
  description: "This session's tokens stop working in every process within a second.",
  auth: 'session',
  rates: [],
  headers: SessionHeader,
  answers: { 204: { description: 'Signed out.' } },
  problems: [],
});

export const readMe = endpoint({
  method: 'GET',
  path: '/user/me',
  operationId: 'readMe',
  tag: 'Accounts',
  summary: 'The signed-in user',
  description: 'Plan, role and usage of today.',
  auth: 'bearer',
  answers: { 200: { description: 'The user.', body: User } },
  problems: [],
});

export const listSessions = endpoint({
  method: 'GET',
  path: '/user/sessions',
  operationId: 'listSessions',
  tag: 'Accounts',
  summary: 'Signed-in devices',
  description: 'Active sessions, most recently used first.',
  auth: 'bearer',
  answers: { 200: { description: 'The sessions.', body: Type.Array(Session) } },
  problems: [],
});

export const endSession = endpoint({
  method: 'DELETE',
  path: '/user/sessions/:session_id',
  operationId: 'endSession',
  tag: 'Accounts',
  summary: 'Sign a device out',
  description: 'Ends a session of this user. Its tokens stop working in all processes within a second.',
  auth: 'bearer',
  params: Type.Object({
    session_id: Type.String({ format: 'uuid', description: 'A session of yours.', examples: [sessionExample] }),
  }),
  answers: { 204: { description: 'Ended.' } },
  problems: ['not_found'],
});
