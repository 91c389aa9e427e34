/** The files of an account, and the space that they take. */
import { Type, type Static } from 'typebox';
import { endpoint } from './endpoint.ts';
import { LinkHeader, PageQuery } from './shapes.ts';
import { Upload } from './uploads.ts';

export const StorageUse = Type.Object(
  {
    used_bytes: Type.Integer({
      minimum: 0,
      description: 'Of all files. An upload under way counts with the most that it may have.',
      examples: [4_821_300],
    }),
    limit_bytes: Type.Integer({ minimum: 0, description: 'For all files, by your plan.', examples: [100_000_000] }),
    file_limit_bytes: Type.Integer({ minimum: 0, description: 'For one file, by your plan.', examples: [10_000_000] }),
  },
  { title: 'StorageUse' },
);
export type StorageUse = Static<typeof StorageUse>;

export const listUploads = endpoint({
  method: 'GET',
  path: '/uploads',
  operationId: 'listUploads',
  tag: 'Files',
  summary: 'List your files',
  description: 'Newest first, the newest 100 unless paged. An upload under way is not among them.',
  auth: 'bearer',
  query: Type.Object({ limit: PageQuery.limit, before: PageQuery.before }),
  answers: { 200: { description: 'The files.', body: Type.Array(Upload), headers: LinkHeader } },
  problems: [],
});

export const readStorage = endpoint({
  method: 'GET',
  path: '/user/storage',
  operationId: 'readStorage',
  tag: 'Files',
  summary: 'Read how much your files take',
  description: 'The space that your files take, and the limits of your plan, in bytes.',
  auth: 'bearer',
  answers: { 200: { description: 'The space.', body: StorageUse } },
  problems: [],
});
