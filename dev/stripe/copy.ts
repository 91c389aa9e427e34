/** Copies of stored objects. Everything stored is JSON, and this is several times quicker than `structuredClone`. */
export function copyOf<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
