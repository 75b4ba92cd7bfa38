/** The hash of Java's strings, unsigned 32 bits: the same everywhere, short, and good enough to tell groups apart. */
export function hash(text: string): number {
  let h = 0;
  for (let i = 0; i < text.length; i++) h = (Math.imul(31, h) + text.charCodeAt(i)) >>> 0;
  return h;
}
