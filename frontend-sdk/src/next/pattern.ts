import { routeOf } from '../lib/route';

/** The parts of a path that fill a dynamic segment, by its name; several in a catch-all. */
export type Params = Readonly<Record<string, string | readonly string[] | undefined>>;

/** A segment of a route, as its folder is called, and the part of a path that it stands for: `[id]` and `8412`, `orders` and `orders`. */
type Segment = readonly [name: string, part: string];

/** A part of a path as Next.js spells parameters, which browsers spell with fewer escapes: `a+b` is `a%2Bb`. */
const spelled = (part: string): string => encodeURIComponent(decodeURIComponent(part));

/** The segments that the parameters fill. */
export const segmentsOf = (params: Params): Segment[] =>
  Object.entries(params).map(([name, parts]) => [
    `[${typeof parts === 'string' ? '' : '...'}${name}]`,
    [parts].flat().join('/'),
  ]);

/**
 * The segments of what the App Router shows, by the tree that it keeps in the entry of the history:
 * `["", {children: ["orders", {children: [["id", "8412", "d"], …`. Parallel slots, which stand beside the children, may show
 * anything, and have no say unless one of them has intercepted the path: `["(.)photos", {…`.
 */
export function segmentsIn(tree: unknown): Segment[] {
  const text = (keys?: string[]) => `${JSON.stringify(tree, keys)}`;
  const shown = text(/\["\(\.[^"]*",{/.test(text()) ? undefined : ['tree', 'children']);
  return [...shown.matchAll(/\["([^"]*)",(?:{|"([^"]*)","(.))/g)].map(
    ([, name, part, kind]) => (kind ? [`[${kind === 'd' ? '' : '...'}${name}]`, part] : [name, name]) as Segment,
  );
}

/**
 * The pattern of a path, as the folders of the app spell it: `/orders/8412` is `/orders/[id]`. Next.js tells which
 * segments there are, not where: they are looked for from the end, because what a thing is called usually stands
 * before its id. What is none of them and looks like an id becomes `:id`, such as on a page that was not found. Throws
 * where an escape is none.
 */
export function patternOf(path: string, segments: Segment[]): string {
  let before = path.replace(/[^/]+/g, spelled).replace(/\/?$/, '/');
  let after = '';
  for (const [name, part] of segments.reverse()) {
    const at = before.lastIndexOf(`/${part}/`);
    if (at < 0) continue;
    after = `/${name + routeOf(before.slice(at + part.length + 1, -1)) + after}`;
    before = before.slice(0, at + 1);
  }
  return routeOf(before.slice(0, -1)) + after || '/';
}

/** Which of the pages of the Pages Router shows a path. They are sorted: the more specific stand first. */
export const pageOf = (path: string, pages: readonly string[] | undefined): string | undefined =>
  pages?.find((page) =>
    new RegExp(`^${page.replace(/\/\[+\..*/, '(/.*)?').replace(/\[[^/]*/g, '[^/]+')}/?$`).test(path),
  );
