import { quietly } from './quietly';

/**
 * A path without what differs between two visits of the same page: `/orders/8412` is `/orders/:id`. A segment is an id if
 * it is a number, holds three digits, an @, an escape or a parameter, is longer than any word, or, if it is long, has so many
 * capitals as a random one. Of a file, which has no host, the folders are somebody's.
 */
export function routeOf(path: string, { host }: { host: string } = location): string {
  return (host ? path : path.replace(/.*\//, '/'))
    .split('/')
    .map((part) => (/^\d+$|(\d\D*){3}|[@%;=]|.{33}|^(?=.{16})(?=.*[a-z])(.*[A-Z]){4}/.test(part) ? ':id' : part))
    .join('/');
}

/** A URL without query, fragment, credentials and ids; without its origin if that is the page's own. Undefined if it is none, or has no path. */
export const urlOf: (href: string, base?: string) => string | undefined = quietly((href, base = document.baseURI) => {
  const url = new URL(href, base);
  const { origin, pathname } = url;
  // What `data:` and its like are followed by is content.
  if (pathname[0] !== '/') return undefined;
  return (origin === location.origin ? '' : origin) + routeOf(pathname, url);
});
