/** The hash of Java's strings, unsigned 32 bits: the same everywhere, short, and good enough to tell groups apart. */
export function hash(text: string): number {
  let h = 0;
  for (const char of text) h = (Math.imul(31, h) + char.charCodeAt(0)) >>> 0;
  return h;
}
