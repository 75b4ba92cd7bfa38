import { quietly } from '../lib/quietly';
import { routeOf } from '../lib/route';

/** The parts of a path that fill a dynamic segment, by its name; several in a catch-all. */
export type Params = Readonly<Record<string, string | readonly string[] | undefined>>;

/** A part of a path as Next.js spells parameters, which browsers spell with fewer escapes: `a+b` is `a%2Bb`. */
const spelled = (part: string): string => quietly(() => encodeURIComponent(decodeURIComponent(part)))() ?? part;

/**
 * The parameters of what the App Router shows, by the tree that it keeps in the entry of the history:
 * `["", {children: ["orders", {children: [["id", "8412", "d"], …`. Empty if it keeps none.
 */
export function paramsOf(tree: unknown): Params {
  const segments = `${JSON.stringify(tree)}`.matchAll(/\["([^"]+)","([^"]*)","(o?c|d)/g) as Iterable<
    [string, string, string, string]
  >;
  return Object.fromEntries(
    [...segments].map(([, name, value, kind]) => [name, kind === 'd' ? value : value.split('/')]),
  );
}

/**
 * The pattern of a path, as the folders of the app spell it: `/orders/8412` is `/orders/[id]`. Next.js tells which
 * parameters a path has, not where: they are looked for from the end, because what a thing is called usually stands
 * before its id. What is no parameter and looks like an id becomes `:id`, such as on a page that was not found.
 */
export function patternOf(path: string, params: Params): string {
  let before = `${path.replace(/\/$/, '').split('/').map(spelled).join('/')}/`;
  let after = '';
  const dynamic = Object.entries(params).reverse();
  for (const [name, value = ''] of dynamic) {
    const several = typeof value !== 'string';
    const filled = `/${several ? value.join('/') : value}/`;
    const at = value.length ? before.lastIndexOf(filled) : -1;
    // What holds the whole path is of a parallel slot, if others hold parts of it.
    if (at < 0 || (several && !at && dynamic[1])) continue;
    const fixed = routeOf(before.slice(at + filled.length - 1, -1));
    after = `/[${several ? '...' : ''}${name}]${fixed}${after}`;
    before = before.slice(0, at + 1);
  }
  return routeOf(before.slice(0, -1)) + after || '/';
}

/** What stands before each path of an app in the page's address, see `basePath` in next.config. At the home page it stands alone. */
export const baseOf = (address: string, path: string): string =>
  address.endsWith(path) ? address.slice(0, -path.length) : address;
