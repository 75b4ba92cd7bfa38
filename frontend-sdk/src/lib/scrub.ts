/**
 * Takes out what may identify somebody. Every word with a digit or an @ in it becomes `#`, so phone and card numbers,
 * tokens, ids, plates and e-mail addresses go as a whole. What is quoted goes (`"Jane Doe" is not valid JSON`), up to the
 * last quotation mark, because it may hold some itself, or to the end, because the last one may have been cut off; and of URLs the
 * query, to the end of the text if it holds values, because these may hold spaces. What stays are apostrophes, and the property that V8 could not read. Returns at most `max` characters.
 */
export function scrub(text: string, max: number): string {
  return text
    .slice(0, 999) // A long text must not cost time.
    .replace(
      /(\p{sc=Latn}['’]|\((?:read|sett)ing '[\w$]+'\)$)|(?:'in' op|convert .*Big|(?:add|fine) prop| : |URL from |constructor: |fetch: |\(\): |alue .*(?:entry|range)).*|[\p{QMark}`´](?:.*[\p{QMark}`´]|.*)|\?\S*=.*|[?#]\S+/gsu,
      (_, kept = '…') => kept,
    )
    .replace(/\S*[\p{N}@＠]\S*/gu, '#')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, max);
}
