import { now } from '../lib/clock';
import { urlOf } from '../lib/route';
import type { Capture } from '../types';
import type { WireEvent } from '../wire';

/** Records which pages and routes were shown, also within single-page apps, and when the page was left. */
export function navigation(): Capture {
  return (recorder) => {
    let path = location.pathname;
    let route = '';
    let shown = now();
    let visible = true;

    function show(nav: NonNullable<WireEvent['nav']>, from: string | undefined) {
      path = location.pathname;
      const event = recorder.open('page');
      if (!event) return;
      route = event.route;
      recorder.close({ ...event, nav, ...(from && { from }) });
    }

    /** A new query or fragment (a filter, a tab) shows no other page. */
    function moved(nav: 'push' | 'replace' | 'back') {
      if (location.pathname !== path) show(nav, route);
    }

    recorder.onPageView(() => {
      if (route) return show('load', undefined);
      const [entry] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
      const nav = entry?.type === 'reload' ? 'reload' : entry?.type === 'back_forward' ? 'back' : 'load';
      const from = document.referrer && urlOf(document.referrer);
      show(nav, from?.startsWith('/') ? from : undefined);
    });

    for (const [name, nav] of [
      ['pushState', 'push'],
      ['replaceState', 'replace'],
    ] as const)
      recorder.patch(history, name, () => (result) => {
        moved(nav);
        return result;
      });
    recorder.listen(window, 'popstate', () => moved('back'));
    recorder.listen(window, 'pageshow', (event: PageTransitionEvent) => {
      if (event.persisted) show('bfcache', undefined);
    });

    recorder.onLeave((how) => {
      if (visible && how !== 'ended') {
        recorder.record('leave', { dur: Math.round(now() - shown) });
        visible = false;
      }
    });
    recorder.listen(window, 'visibilitychange pageshow', () => {
      if (!visible && document.visibilityState === 'visible') {
        visible = true;
        shown = now();
      }
    });
  };
}
