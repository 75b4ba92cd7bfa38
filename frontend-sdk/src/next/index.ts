'use client';

// With its extension, because Node loads what a page of the Pages Router imports without the help of a bundler.
import { useParams, usePathname } from 'next/navigation.js';
import { createElement, type ReactNode } from 'react';
import { type Options, preset } from '../index';
import { IrkProvider as ReactProvider } from '../react/index';
import { baseOf, paramsOf, patternOf } from './pattern';

/** Options that a Server Component can pass on: no functions. */
type Serializable = Omit<Options, 'capture' | 'route'>;

/** The patterns of the paths that the App Router has rendered in this document. */
const patterns = new Map<string, string>();
/** What stands before each path of the app, see `basePath` in next.config. */
let base: string | undefined;

/** The pattern of a path, or nothing if it is not known. */
function route(path: string): string | undefined {
  const { state } = history;
  // The Pages Router keeps the pattern of what is shown beside its path: `{url: '/orders/[id]?id=8', as: '/orders/8'}`.
  if (path === location.pathname) {
    if (state?.__N) return new URL(state.url, location.href).pathname;
    // Somebody goes back to it after a reload, and it is not rendered yet. The tree is Next's own business: should it be gone, the path
    // is told as one that is not known.
    if (base !== undefined && !patterns.has(path))
      return base + patternOf(path.slice(base.length), paramsOf(state?.__PRIVATE_NEXTJS_INTERNALS_TREE));
  }
  return patterns.get(path);
}

/**
 * Records everything, with the patterns of the app's routes, in the App Router and in the Pages Router alike. Around the
 * app, or with no children anywhere in the layout.
 */
export function IrkProvider({ options, children }: { options: Serializable; children?: ReactNode }): ReactNode {
  const path = usePathname();
  const params = useParams();
  // The App Router changes the address after it has rendered and before any effect that could tell of it. Not on a
  // server, where nobody would ever forget a path.
  if (path && params && typeof document === 'object') {
    base ??= baseOf(location.pathname, path);
    patterns.set(base + path, base + patternOf(path, params));
  }
  return createElement(ReactProvider, { options: { ...options, capture: preset(), route }, children });
}
