/** Why a file failed: a sentence made from its code when it is read, in the reader's language. */
import type { Upload, UploadFailure } from '../../contract/uploads.ts';
import { dashed, say } from './catalog.ts';

export function uploadFailure(language: string, code: UploadFailure): NonNullable<Upload['failure']> {
  return { code, detail: say(language, `upload-failure.${dashed(code)}`) };
}

/** The file in the reader's language; only failed ones differ. */
export function uploadInLanguage(upload: Upload, language: string): Upload {
  return upload.failure === null ? upload : { ...upload, failure: uploadFailure(language, upload.failure.code) };
}
