'use client';

// With its extension, because Node loads what a page of the Pages Router imports without the help of a bundler.
import { useParams } from 'next/navigation.js';
import { createElement, type ReactNode } from 'react';
import { type Options, preset } from '../index';
import { IrkProvider as ReactProvider } from '../react/index';
import { type Params, pageOf, patternOf, segmentsIn, segmentsOf } from './pattern';

/** Options that a Server Component can pass on: no functions. */
type Serializable = Omit<Options, 'capture' | 'route'>;

// Of the Pages Router alone.
declare const next: { router: { basePath: string } };
declare const window: { __BUILD_MANIFEST?: { sortedPages: string[] } };

/** The parameters of what was rendered last. */
let params: Params;

/**
 * The pattern of a path. When the address has just changed, only the entry of the history is of the new page. What Next.js keeps there is
 * its own business: should that be gone, the parameters tell it, and where anything throws, the path is told as one that is not known.
 */
function route(path: string): string {
  const { __N, url, __PRIVATE_NEXTJS_INTERNALS_TREE: tree } = (path === location.pathname && history.state) || {};
  // The Pages Router keeps the pattern of what is shown beside its path: `{url: '/orders/[id]?id=8', as: '/orders/8'}`. In an app
  // with a middleware the path stands in both.
  if (__N) {
    path = new URL(url, location.href).pathname;
    const page = pageOf(path.slice(next.router.basePath.length), window.__BUILD_MANIFEST?.sortedPages);
    if (page) return next.router.basePath + page;
  }
  return patternOf(path, segmentsOf(params).concat(segmentsIn(tree)));
}

/**
 * Records everything, with the patterns of the app's routes, in the App Router and in the Pages Router alike. Around the
 * app, or with no children anywhere in the layout.
 */
export function IrkProvider({ options, children }: { options: Serializable; children?: ReactNode }): ReactNode {
  params = useParams() ?? {};
  return createElement(ReactProvider, { options: { ...options, capture: preset(), route }, children });
}
