/**
 * Takes out what may identify somebody: every word with a digit or an @ in it becomes `#`, so phone and card numbers,
 * tokens, ids, plates and e-mail addresses go as a whole. Returns at most `max` characters.
 */
export function scrub(text: string, max: number): string {
  return text
    .slice(0, 999) // A long text must not cost time.
    .replace(/\S*[\p{Nd}@]\S*/gu, '#')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, max);
}

/**
 * Messages quote what the app was working on (`"Jane Doe" is not valid JSON`), and name URLs with their queries. All from
 * the first to the last quotation mark goes, because what is quoted may hold quotation marks itself.
 */
export function scrubMessage(text: string): string {
  return scrub(text.replace(/(["'`]).*\1|[?#]\S+/gs, '…'), 200);
}
