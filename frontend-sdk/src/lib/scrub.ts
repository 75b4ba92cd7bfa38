/**
 * Takes out what may identify somebody: every word with a digit or an @ in it becomes `#`, so phone and card numbers,
 * tokens, ids, plates and e-mail addresses go as a whole. Returns at most `max` characters.
 */
export function scrub(text: string, max: number): string {
  return text
    .slice(0, 10 * max) // A long text must not cost time: what is cut off here would be cut off below anyway.
    .replace(/\S*[\p{Nd}@]\S*/gu, '#')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, max);
}

/**
 * Messages quote what the app was working on (`"Jane Doe" is not valid JSON`), and name URLs with their queries.
 * Quoted words without a space are kept, because they are mostly names from the code.
 */
export function scrubMessage(text: string): string {
  return scrub(text.slice(0, 1000).replace(/"[^"]*"?|`[^`]*`?|'[^']*\s[^']*'?|[?#]\S+/g, '…'), 200);
}
