/** Where keys, etags and tracking ids come from: returns this many random bytes. */
export type RandomSource = (byteCount: number) => Buffer
