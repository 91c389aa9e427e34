/** What people may do with their data: delete it. */
import { Type } from 'typebox';
import { Verification } from './accounts.ts';
import { endpoint } from './endpoint.ts';

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
