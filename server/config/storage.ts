/** Where the bytes of files are kept. */
import path from 'node:path';
import type { Reader } from './reader.ts';

export type StorageConfig =
  | { readonly kind: 'folder'; readonly directory: string }
  | {
      readonly kind: 's3';
      readonly bucket: string;
      /** Before every key; empty or ending in `/`. */
      readonly prefix: string;
      /** Null: that of AWS. */
      readonly endpoint: string | null;
      /** Null: as the SDK finds it. */
      readonly region: string | null;
    };

/** Name in DATA_DIR. */
const folder = 'files';
const parameters = ['endpoint', 'region'];

/** `s3://bucket/prefix?endpoint=…&region=…`; not set: a folder in DATA_DIR. */
export function parseStorage(read: Reader, dataDir: string): StorageConfig {
  const address = read.url('STORAGE_URL', ['s3:']);
  if (address === null) return Object.freeze({ kind: 'folder', directory: path.join(dataDir, folder) });
  const { hostname: bucket, pathname, searchParams, username, password, port } = new URL(address);
  const endpoint = searchParams.get('endpoint');
  if (!/^[a-z\d][a-z\d.-]{1,61}[a-z\d]$/.test(bucket) || port !== '') {
    read.complain('STORAGE_URL must name a bucket, such as s3://my-bucket; the address of a store goes to ?endpoint=.');
  }
  if (username !== '' || password !== '') {
    read.complain('STORAGE_URL must not hold credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.');
  }
  if (endpoint !== null && !(/^https?:\/\//.test(endpoint) && URL.canParse(endpoint))) {
    read.complain('STORAGE_URL must have a URL that begins with http:// or https:// as its endpoint.');
  }
  const unknown = [...searchParams.keys()].find((name) => !parameters.includes(name));
  if (unknown !== undefined) {
    read.complain(`STORAGE_URL takes the parameters ${parameters.join(' and ')}; it has "${unknown}".`);
  }
  const prefix = pathname.replaceAll(/^\/+|\/+$/g, '');
  return Object.freeze({
    kind: 's3',
    bucket,
    prefix: prefix === '' ? '' : `${prefix}/`,
    endpoint,
    // Stores beside AWS take any, but the SDK asks for one.
    region: searchParams.get('region') ?? (endpoint === null ? null : 'us-east-1'),
  });
}
