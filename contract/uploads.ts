/** Files that people upload: store one, read about it, download it, delete it. */
import { Type, type Static } from 'typebox';
import { endpoint } from './endpoint.ts';
import { Id, Nullable, Timestamp } from './shapes.ts';

export const uploadStatuses = ['processing', 'ready', 'failed'] as const;
export type UploadStatus = (typeof uploadStatuses)[number];

/** Why a file failed. Its bytes are gone then. */
export const uploadFailures = [
  'damaged',
  'protected',
  'too_complex',
  'too_large',
  'too_many_pages',
  'too_many_pixels',
  'storage_full',
] as const;
export type UploadFailure = (typeof uploadFailures)[number];

/** Time for a whole upload. */
const uploadTimeoutMs = 10 * 60_000;

export const Upload = Type.Object(
  {
    id: Type.Integer({ ...Id, examples: [12] }),
    name: Type.String({ description: 'As it was sent, without folders. Only for showing.', examples: ['peak.png'] }),
    media_type: Type.String({ description: 'By the content, not by the name.', examples: ['image/png'] }),
    size: Type.Integer({ description: 'Bytes.', examples: [48213] }),
    created_at: Timestamp,
    status: Type.Enum([...uploadStatuses], {
      description:
        'The content can be read once it is `ready`: while it is `processing`, images are encoded again and the text of documents is found. What is `failed` has no content.',
      examples: ['ready'],
    }),
    failure: Nullable(
      Type.Object(
        {
          code: Type.Enum([...uploadFailures], { examples: ['damaged'] }),
          detail: Type.String({
            description: 'A sentence for the user.',
            examples: ['This file is damaged, or not what it claims to be.'],
          }),
        },
        { description: 'Why it is `failed`; otherwise null.', examples: [null] },
      ),
    ),
    preview: Type.Boolean({ description: 'There is a preview.', examples: [true] }),
    width: Nullable(Type.Integer({ description: 'Of an image that is `ready`, in pixels.', examples: [1600] })),
    height: Nullable(Type.Integer({ examples: [900] })),
    pages: Nullable(
      Type.Integer({ description: 'Of a document that is `ready`: pages, slides or sheets.', examples: [null] }),
    ),
    text_cut: Type.Boolean({
      description: 'The file holds more text than is kept for questions (2 MiB).',
      examples: [false],
    }),
  },
  { title: 'Upload' },
);
export type Upload = Static<typeof Upload>;

/** The media types that are taken, by kind. Other text is `text/plain`. */
export const uploadTypes = {
  image: ['image/jpeg', 'image/png', 'image/webp', 'image/gif', 'image/heic'],
  pdf: ['application/pdf'],
  office: [
    'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  ],
  text: ['text/plain', 'text/markdown', 'text/csv'],
} as const;

export const UploadParams = Type.Object({
  upload_id: Type.Integer({ ...Id, description: 'One of your files.' }),
});

export const createUpload = endpoint({
  method: 'POST',
  path: '/uploads',
  operationId: 'createUpload',
  tag: 'Files',
  summary: 'Upload a file',
  description:
    'One file as `multipart/form-data` in the part `file`: images (JPEG, PNG, WebP, GIF, HEIC), PDF, text of any kind in UTF-8, and Office documents. What it is follows from its content. Your plan limits the size of a file and of all files together. Images are encoded again without metadata, such as where they were taken, except HEIC; until then, and while the text of documents is found, the file is `processing`, and `upload.updated` on the feed tells when that ends. A file that nothing uses is deleted after 24 hours. Of a repeat with the same `Idempotency-Key`, name and bytes are compared.',
  auth: 'bearer',
  accepts: 'multipart',
  idempotent: true,
  bodyTimeoutMs: uploadTimeoutMs,
  body: Type.Object({ file: Type.String({ contentMediaType: 'application/octet-stream', examples: ['(bytes)'] }) }),
  answers: {
    201: {
      description: 'Stored.',
      body: Upload,
      headers: { location: { description: 'Path of the file.', schema: Type.String({ examples: ['/uploads/12'] }) } },
    },
  },
  problems: ['storage_full'],
});

export const readUpload = endpoint({
  method: 'GET',
  path: '/uploads/:upload_id',
  operationId: 'readUpload',
  tag: 'Files',
  summary: 'Read about a file',
  description: 'Name, type, size and status of one of your files.',
  auth: 'bearer',
  params: UploadParams,
  answers: { 200: { description: 'The file.', body: Upload } },
  problems: ['not_found'],
});

const ticketQuery = Type.Object({
  ticket: Type.Optional(
    Type.String({ maxLength: 128, description: 'From `POST /events/ticket`, for clients that cannot send headers.' }),
  ),
});

export const readUploadContent = endpoint({
  method: 'GET',
  path: '/uploads/:upload_id/content',
  operationId: 'readUploadContent',
  tag: 'Files',
  summary: 'Download a file',
  description:
    'The bytes, or the part that `Range` names (one range, in bytes). To be saved, except for images, which may be shown. A ticket from `POST /events/ticket` stands for a token, for one download.',
  auth: 'ticket',
  params: UploadParams,
  query: ticketQuery,
  headers: Type.Object({
    range: Type.Optional(
      Type.String({ maxLength: 100, description: 'The bytes that are asked for.', examples: ['bytes=0-1023'] }),
    ),
  }),
  answers: {
    200: {
      description: 'The bytes.',
      body: Type.String({ contentMediaType: 'application/octet-stream', examples: ['(bytes)'] }),
      mediaType: 'application/octet-stream',
    },
    206: {
      description: 'The part that was asked for.',
      body: Type.String({ contentMediaType: 'application/octet-stream', examples: ['(bytes)'] }),
      mediaType: 'application/octet-stream',
      headers: {
        'content-range': { description: 'Which part.', schema: Type.String({ examples: ['bytes 0-1023/48213'] }) },
      },
    },
  },
  problems: ['not_found', 'range_not_satisfiable'],
});

export const readUploadPreview = endpoint({
  method: 'GET',
  path: '/uploads/:upload_id/preview',
  operationId: 'readUploadPreview',
  tag: 'Files',
  summary: 'Preview of an image',
  description:
    'A WebP image of at most 512 × 512 pixels, for files that have a `preview`. A ticket from `POST /events/ticket` stands for a token, for one download.',
  auth: 'ticket',
  params: UploadParams,
  query: ticketQuery,
  answers: {
    200: {
      description: 'The preview.',
      body: Type.String({ contentMediaType: 'image/webp', examples: ['(bytes)'] }),
      mediaType: 'image/webp',
    },
  },
  problems: ['not_found'],
});

export const deleteUpload = endpoint({
  method: 'DELETE',
  path: '/uploads/:upload_id',
  operationId: 'deleteUpload',
  tag: 'Files',
  summary: 'Delete a file',
  description: 'Its bytes are gone too.',
  auth: 'bearer',
  params: UploadParams,
  answers: { 204: { description: 'Deleted.' } },
  problems: ['not_found'],
});
