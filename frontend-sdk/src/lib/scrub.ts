/**
 * Takes out what may identify somebody. Every word with a digit or an @ in it becomes `#`, so phone and card numbers,
 * tokens, ids, plates and e-mail addresses go as a whole. What is quoted goes (`"Jane Doe" is not valid JSON`), up to the
 * last quotation mark, because it may hold some itself; and of URLs the query. Returns at most `max` characters.
 */
export function scrub(text: string, max: number): string {
  return text
    .slice(0, 999) // A long text must not cost time.
    .replace(/(["`]).*\1|[?#]\S+/gs, '…')
    .replace(/\S*[\p{Nd}@]\S*/gu, '#')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, max);
}
