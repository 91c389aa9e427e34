/** Sizes that the search index and searches share. */

/** Messages of an account in one block of the index. */
export const blockSize = 4096;

/** Characters of a message that are searched; a `tsvector` holds 1 MiB. */
export const textLimit = 40_000;
