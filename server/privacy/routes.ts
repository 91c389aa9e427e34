/** HTTP routes for what people may do with their data: delete it. */
import * as contract from '../../contract/privacy.ts';
import { refuseFloods } from '../accounts/refuse-floods.ts';
import type { Serve } from '../http/serve.ts';
import { deleteAccount, type DeletionDeps } from './delete-account.ts';

export function servePrivacy(serve: Serve, deps: DeletionDeps): void {
  serve(contract.deleteAccount, async ({ caller, body, request }) => {
    await refuseFloods(deps, 'verify', request.ip, deps.otp.verifyAddressHourly);
    await deleteAccount(deps, { userId: caller.userId, code: body.otp.trim(), address: request.ip });
    return undefined;
  });
}
