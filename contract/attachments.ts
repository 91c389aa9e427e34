/** Files that stand on messages. */
import { Type, type Static } from 'typebox';
import { Upload } from './uploads.ts';

/** Most files of a message. */
export const attachmentsAtMost = 10;

export const Attachment = Type.Object(
  {
    ...Type.Pick(Upload, ['id', 'name', 'media_type', 'size']).properties,
    deleted: Type.Boolean({ description: 'The file is gone; its name stays.', examples: [false] }),
  },
  { title: 'Attachment' },
);
export type Attachment = Static<typeof Attachment>;

export const Attachments = Type.Array(Attachment, {
  description: 'Files that the user sent with the message; download them from `GET /uploads/{id}/content`.',
  examples: [[]],
});
