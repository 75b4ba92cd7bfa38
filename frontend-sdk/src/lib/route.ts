/**
 * A path without what differs between two visits of the same page: `/orders/8412` is `/orders/:id`. A segment is an id if
 * it is a number, holds three digits or an @ or an escape, or is longer than any word.
 */
export function routeOf(path: string): string {
  return path
    .split('/', 32)
    .map((part) => (/^\d+$|(\d\D*){3}|[@%]|.{33}/.test(part) ? ':id' : part))
    .join('/')
    .slice(0, 512);
}

/** A URL without query, fragment, credentials and ids; without its origin if that is the page's own. */
export function urlOf(href: string): string {
  try {
    const url = new URL(href, document.baseURI);
    return (url.origin === location.origin ? '' : url.origin) + routeOf(url.pathname);
  } catch {
    return '';
  }
}
