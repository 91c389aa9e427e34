/** Export and deletion of an account. */
import { Type } from 'typebox';
import { Verification } from './accounts.ts';
import { endpoint } from './endpoint.ts';
import { exportChatroom } from './exports.ts';

export const Deletion = Type.Object({ otp: Verification.properties.otp }, { title: 'Deletion' });

export const deleteAccount = endpoint({
  method: 'POST',
  path: '/user/deletion',
  operationId: 'deleteAccount',
  tag: 'Accounts',
  summary: 'Delete the account',
  description:
    'Takes a code from `POST /auth/send-otp`. When it answers, nothing of the account can be reached: replies are stopped, all devices are signed out, and feeds have ended with `session.ended`. Its data is erased within an hour, and a subscription ends at once without refund. The number can sign up again; messages of today stay counted for it.',
  auth: 'bearer',
  body: Deletion,
  answers: { 204: { description: 'Deleted.' } },
  problems: ['invalid_code', 'too_many_guesses'],
});

export const exportAccount = endpoint({
  method: 'GET',
  path: '/user/export',
  operationId: 'exportAccount',
  tag: 'Accounts',
  summary: 'Export the account',
  description:
    'Everything about the account as a zip archive: `account.json`, and for each room a folder with `room.json` (all branches), `room.md` (the current path), and `shares.json` if there are any. It is streamed; after a failure, or if what is being read is deleted meanwhile, the connection is cut, so that a short archive never looks whole. Three on a UTC day, those cut included.',
  auth: 'ticket',
  query: Type.Object({ ticket: exportChatroom.query.properties.ticket }),
  answers: {
    200: {
      description: 'The archive.',
      body: Type.String({ description: 'A zip archive, in ZIP64 format if it is large.', examples: ['PK…'] }),
      mediaType: 'application/zip',
      headers: {
        'content-disposition': {
          description: 'The name of the file.',
          schema: Type.String({ examples: ['attachment; filename="pollux.zip"'] }),
        },
      },
    },
  },
  problems: ['too_many_requests', 'service_unavailable'],
});
