/** The order of requests in the Postman collection, and the values that each step passes on. */

export interface Step {
  readonly operationId: string;
  /** Expected statuses; by default the operation's success status. */
  readonly expect?: readonly number[];
  /** Sandbox JavaScript that runs before the request. */
  readonly before?: readonly string[];
  /** Sandbox JavaScript that runs on the response, with `body` in scope. */
  readonly after?: readonly string[];
  /** Optional parameters to send, by name. */
  readonly send?: Readonly<Record<string, string>>;
  /** Text appended to the operation's description. */
  readonly note?: string;
}

export interface Chapter {
  readonly name: string;
  readonly description: string;
  readonly steps: readonly Step[];
}

const keepTokens = [
  "pm.environment.set('access_token', body.access_token);",
  "pm.environment.set('refresh_token', body.refresh_token);",
];

const keepReply = [
  "if (body.id) pm.environment.set('message_id', body.id);",
  "if (body.reply) pm.environment.set('reply_id', body.reply.id);",
];

/** Polling twice a second for 30 s. */
const poll = [
  "const tries = Number(pm.variables.get('tries') || 0);",
  'const reply = body.find((entry) => !entry.is_from_user);',
  'if (reply === undefined && tries < 60) {',
  "  pm.variables.set('tries', tries + 1);",
  '  setTimeout(() => {}, 500);',
  '  pm.execution.setNextRequest(pm.info.requestId);',
  '} else {',
  "  pm.test('the reply is there', () => pm.expect(reply && reply.content).to.be.a('string').and.not.empty);",
  '}',
];

export const journey: Chapter = {
  name: 'From signing up to reading the reply',
  description: 'Run this folder from top to bottom. Each request stores values for the next ones in the environment.',
  steps: [
    {
      operationId: 'signup',
      before: [
        "if (!pm.environment.get('mobile_number')) {",
        '  const digits = Math.floor(1e6 + Math.random() * 9e6);',
        '  pm.environment.set(`mobile_number`, `+1415${digits}`);',
        '}',
      ],
      note: 'Generates a number unless `mobile_number` is set in the environment.',
    },
    {
      operationId: 'sendOtp',
      after: ["if (body.otp) pm.environment.set('otp', body.otp);"],
      note: 'In development the answer contains the code; elsewhere set `otp` to the code from the SMS.',
    },
    { operationId: 'verifyOtp', after: keepTokens },
    { operationId: 'readMe', after: ["pm.environment.set('user_id', body.id);"] },
    { operationId: 'createChatroom', after: ["pm.environment.set('chatroom_id', body.id);"] },
    { operationId: 'sendMessage', after: keepReply, send: { 'idempotency-key': '{{$guid}}' } },
    { operationId: 'listMessages', after: poll, note: 'Repeated until the reply exists.' },
  ],
};

export const others: Chapter = {
  name: 'Everything else',
  description: 'The other operations, in an order that works after the journey.',
  steps: [
    { operationId: 'readService' },
    { operationId: 'readLiveness' },
    { operationId: 'readReadiness' },
    { operationId: 'refreshTokens', after: keepTokens },
    {
      operationId: 'listSessions',
      after: ["pm.environment.set('session_id', body.find((session) => session.current).id);"],
    },
    { operationId: 'addMemory', after: ["pm.environment.set('memory_id', body.id);"] },
    { operationId: 'listMemories' },
    { operationId: 'changeMemory' },
    { operationId: 'deleteMemory' },
    { operationId: 'readPushKey' },
    {
      operationId: 'addPushSubscription',
      after: ["pm.environment.set('subscription_id', body.id);"],
    },
    { operationId: 'listPushSubscriptions' },
    { operationId: 'deletePushSubscription' },
    {
      operationId: 'createUpload',
      expect: [201, 400, 422],
      after: ["pm.environment.set('upload_id', body.id);"],
      note: 'Choose a file first; without one this is refused, and those of a file answer 422.',
    },
    { operationId: 'listUploads' },
    { operationId: 'readStorage' },
    { operationId: 'readUpload', expect: [200, 404, 422] },
    { operationId: 'readUploadContent', expect: [200, 404, 422] },
    { operationId: 'readUploadPreview', expect: [200, 404, 422] },
    { operationId: 'deleteUpload', expect: [204, 404, 422] },
    { operationId: 'readUserSettings' },
    { operationId: 'changeUserSettings' },
    { operationId: 'searchMessages', send: { q: 'kiliman' } },
    { operationId: 'listChatrooms', send: { limit: '20' } },
    { operationId: 'readChatroom' },
    { operationId: 'renameChatroom' },
    { operationId: 'readMessage' },
    { operationId: 'exportChatroom', send: { format: 'json' } },
    { operationId: 'rateReply' },
    { operationId: 'removeReplyRating' },
    { operationId: 'regenerateReply', after: keepReply },
    { operationId: 'cancelReply', expect: [202, 409], note: 'Answers 409 if the reply has ended already.' },
    {
      operationId: 'createShare',
      after: ["pm.environment.set('share_id', body.id);", "pm.environment.set('token', body.url.split('/').at(-1));"],
    },
    { operationId: 'listShares' },
    { operationId: 'readShared' },
    { operationId: 'deleteShare' },
    { operationId: 'exportAccount' },
    {
      operationId: 'deleteAccount',
      expect: [400],
      note: 'The code in `otp` is used up by signing in, so this is refused. A new code deletes the account.',
    },
    { operationId: 'createEventTicket' },
    {
      operationId: 'openEvents',
      before: ["if (pm.environment.get('follow_events') !== 'true') pm.execution.skipRequest();"],
      note: 'The stream never ends, so it is skipped unless `follow_events` is `true`.',
    },
    {
      operationId: 'openSocket',
      expect: [426],
      note: 'Postman opens it as a WebSocket request; as this one it is refused.',
    },
    { operationId: 'listPlans' },
    { operationId: 'readSubscription' },
    { operationId: 'subscribePro', expect: [201, 409, 503], note: 'Answers 503 on a server without Stripe.' },
    { operationId: 'startCheckout', expect: [201, 409, 503], note: 'Answers 503 on a server without Stripe.' },
    { operationId: 'openBillingPortal', expect: [201, 503], note: 'Answers 503 on a server without Stripe.' },
    {
      operationId: 'receiveStripeWebhook',
      expect: [400, 503],
      note: 'Only Stripe can sign events, so this is refused.',
    },
  ],
};

const asAdmin = { expect: [200, 202, 204, 404], note: 'Answers 404 without the role `admin`.' };

/** For administrators. */
export const operator: Chapter = {
  name: 'Operator',
  description: 'For accounts with the role `admin`; to others none of it exists.',
  steps: [
    { operationId: 'adminListUsers', ...asAdmin },
    { operationId: 'adminReadUser', ...asAdmin },
    { operationId: 'adminChangeUser', ...asAdmin },
    { operationId: 'adminListAudit', ...asAdmin },
    { operationId: 'adminReadUsage', ...asAdmin },
    { operationId: 'adminReadQueue', ...asAdmin },
    { operationId: 'adminListBillingEvents', ...asAdmin },
    { operationId: 'adminReplayBillingEvent', ...asAdmin, expect: [202, 404, 503] },
    { operationId: 'adminReconcileBilling', ...asAdmin, expect: [202, 404, 503] },
    { operationId: 'adminListSettings', ...asAdmin },
    { operationId: 'adminExamine', ...asAdmin },
  ],
};

/** Requests that must come last. */
export const goodbye: Chapter = {
  name: 'Goodbye',
  description: 'Deletes the room and ends the session. Last, because nothing works afterwards.',
  steps: [
    { operationId: 'deleteChatroom' },
    {
      operationId: 'adminEndSessions',
      ...asAdmin,
      note: 'Signs the account `user_id` out, if yours has the role `admin`.',
    },
    { operationId: 'logout' },
    { operationId: 'endSession', expect: [401], note: 'The session has just ended, so its token is refused.' },
    {
      operationId: 'adminDeleteUser',
      expect: [401],
      note: 'Deletes the account `user_id`, with the token of an administrator.',
    },
  ],
};
