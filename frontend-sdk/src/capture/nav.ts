import { listen, patch } from '../lib/attach';
import { now, since } from '../lib/clock';
import { atFirst, first, named, onLeave, record } from '../lib/recorder';
import { learn } from '../lib/response';
import type { Capture } from '../types';
import type { WireEvent } from '../wire';

/** Records which pages and routes were shown, also within single-page apps, and when the page was left. */
export function navigation(): Capture {
  return () => {
    let path = location.pathname;
    let route: string | undefined;
    /** Since when the page is shown or hidden, and which of them. */
    let at = now();
    let shown = !document.hidden;
    /** Whether the page itself has asked for what it is left for, and how. */
    let asked: WireEvent['how'];

    function show(nav: WireEvent['nav'], from?: string, t?: number, status?: number) {
      path = location.pathname;
      route = record('page', { nav, from, status }, t)?.route;
      learn();
    }

    /** A new query or fragment (a filter, a tab) shows no other page. */
    function moved(nav: WireEvent['nav']) {
      if (location.pathname !== path) show(nav, route);
    }

    function turn(on: boolean) {
      if (on === shown) return;
      record(on ? 'return' : 'leave', { dur: since(at), how: on ? undefined : asked });
      at = now();
      shown = on;
    }

    atFirst(() => {
      const [entry] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
      const nav = /reload|back/.exec(entry?.type as string) as ['reload' | 'back'] | null;
      const { referrer } = document;
      // Who reloads or goes back has come from elsewhere than the link that once led here.
      const linked = !nav && `${referrer}`.startsWith(`${location.origin}/`);
      const status = entry?.responseStatus as number;
      show(
        nav?.[0] ?? 'load',
        linked ? named(new URL(referrer).pathname) : undefined,
        at,
        status < 400 ? undefined : status,
      );
      listen('popstate', () => moved('back'), window);
      // Of a router that intercepts, nothing else tells.
      // https://developer.mozilla.org/docs/Web/API/Navigation/currententrychange_event
      const { navigation } = window;
      if (navigation?.addEventListener) {
        listen('currententrychange', ({ navigationType: how }) => moved(how === 'traverse' ? 'back' : how), navigation);
        // Of whoever reloads by the browser's own button, it does not tell.
        listen(
          'navigate',
          ({ navigationType: how }) => {
            asked = how === 'reload' ? how : undefined;
          },
          navigation,
        );
      }
      listen(
        'visibilitychange pageshow',
        (event: PageTransitionEvent) => {
          if (event.persisted) show('bfcache');
          turn(!document.hidden);
        },
        window,
      );
    });

    /** An address that differs before the call is one that was gone back to: a router may hear of it earlier than we do. */
    const calls = (nav: 'push' | 'replace') => () => {
      first();
      moved('back');
      return () => moved(nav);
    };
    patch(history, 'pushState', calls('push'));
    patch(history, 'replaceState', calls('replace'));
    onLeave((how) => {
      // Whoever sits before the page after all begins a page view that can be left again.
      if (how === 'idle') shown && record('leave', { dur: since(at) });
      else if (how) turn(false);
    });
  };
}
