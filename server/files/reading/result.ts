/** What the reader, a child process, is asked and answers. */
import type { UploadFailure } from '../../../contract/uploads.ts';
import type { NewPassage } from '../text-store.ts';

export interface ReaderLimits {
  readonly withinMs: number;
  /** Of processor time. */
  readonly cpuMs: number;
  /** Of resident memory. */
  readonly memoryMb: number;
  /** Pages of a PDF, slides, or sheets. */
  readonly pages: number;
  /** Of an image, all frames of an animation together. */
  readonly pixels: number;
}

/** How a file is read. */
export type FileKind = 'image' | 'pdf' | 'word' | 'sheets' | 'slides' | 'text';

export interface ReadTask {
  readonly kind: FileKind;
  /** Bytes that follow on standard input. */
  readonly size: number;
  readonly limits: ReaderLimits;
}

export interface TextFound {
  readonly kind: 'text';
  /** Null for files without pages. */
  readonly pages: number | null;
  readonly passages: readonly NewPassage[];
  /** There is more text than was kept. */
  readonly cut: boolean;
}

/** The image itself follows on standard output. */
export interface ImageFound {
  readonly kind: 'image';
  readonly width: number;
  readonly height: number;
  readonly size: number;
  /** WebP in base64. */
  readonly preview: string;
}

export interface NotReadable {
  readonly kind: 'failed';
  readonly failure: UploadFailure;
  /** What the library said, for operators. */
  readonly reason?: string;
}

export type Reading = TextFound | ImageFound | NotReadable;

/** A file that cannot be read, by its own fault. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
  readonly failure: UploadFailure;

  constructor(failure: UploadFailure, cause?: unknown) {
    super(failure, { cause });
    this.failure = failure;
  }
}

/** Exit code of a reader that could not begin: not the file's fault. */
export const cannotBegin = 70;
