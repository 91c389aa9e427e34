/** HTTP routes for exporting and deleting an account. */
import { Readable } from 'node:stream';
import * as contract from '../../contract/privacy.ts';
import { refuseFloods } from '../accounts/refuse-floods.ts';
import type { Serve } from '../http/serve.ts';
import { admitExport, exportAccount, type ExportDeps } from './export-account.ts';
import { deleteAccount, type DeletionDeps } from './delete-account.ts';

export function servePrivacy(serve: Serve, deps: DeletionDeps & ExportDeps): void {
  serve(contract.deleteAccount, async ({ caller, body, request }) => {
    await refuseFloods(deps, 'verify', request.ip, deps.otp.verifyAddressHourly);
    await deleteAccount(deps, { userId: caller.userId, code: body.otp.trim(), address: request.ip });
    return undefined;
  });

  serve(contract.exportAccount, async ({ caller, request, reply }) => {
    reply.type('application/zip');
    reply.header('content-disposition', 'attachment; filename="pollux.zip"');
    if (request.method === 'HEAD') return reply.send(Readable.from([]));
    await admitExport(deps.limits, caller.userId);
    return reply.send(await exportAccount(deps, caller.userId));
  });
}
