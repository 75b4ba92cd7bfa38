import { everywhere, listen, patch, type Realm } from '../lib/attach';
import { now, since } from '../lib/clock';
import { quietly } from '../lib/quietly';
import { atFirst, onLeave, record } from '../lib/recorder';
import { answer, inputAt, isHandling, isTyping, observations, submits, WATCHED, watchResponses } from '../lib/response';
import { urlOf } from '../lib/route';
import type { Capture } from '../types';
import { excused } from './error';

/** What the page gives up only after so long (ms), other than because somebody asks it to, or what it is left for, was not answered. */
const PATIENCE = 5000;
/** Failures so soon (ms) after the page was left are not its own. */
const CUT_SHORT = 1000;

/** Tells of a request how it ended: `error` is what the page gets to catch. */
type End = (answer: { status: number; type?: string; error?: object; givenUp?: boolean | undefined }) => void;

/** Two names of a host tell a site well enough: api.shop.example serves shop.example. */
const siteOf = (host: string) => host.split('.').slice(-2).join();
const isElsewhere = (url: string | undefined) =>
  siteOf(new URL(url ?? '', location.href).hostname) !== siteOf(location.hostname);

/**
 * Records requests (fetch and XMLHttpRequest) that failed, and those that were sent while an input's answer was awaited. They
 * answer what the user did. Beacons and keepalive requests are left out: nobody waits for them, and analytics sends one on
 * every click, dead or not. A request that the page soon gave up itself has no end.
 */
export function requests(): Capture {
  return () => {
    atFirst(watchResponses);
    /** Of which click alone each was sent to another site; false if of several. */
    const askers: Record<string, string | false> = {};
    /** How each was answered last that a key has sent since the last press. What is answered as ever, key by key, would tell how much is typed. */
    let told: Record<string, number> = {};
    // Not upon `focusin`: some apps give a field the focus anew at each key.
    listen('pointerdown', () => {
      told = {};
    });
    /** Which hosts have answered the page: no content blocker keeps these from it. */
    const known: Record<string, boolean> = {};
    /** How often each was sent while nobody was waiting for an answer. */
    const polled: Record<string, number> = {};
    /** When the page was left. What is under way then is cut short by the browser, just after. */
    let left = Number.NEGATIVE_INFINITY;
    /** What ends those that have no answer yet. */
    const pending = new Set<End>();
    onLeave((how) => {
      if (how !== 'pagehide') return;
      for (const end of pending) end({ status: 0, givenUp: true });
      left = now();
    });

    function sent(how: string | undefined, href: unknown, { document }: Realm): End {
      const start = now();
      const method = how?.toUpperCase() ?? 'GET';
      const url = urlOf(`${href}`, document.baseURI);
      const key = method + url;
      const reads = /GET|HEAD/.test(method);
      const awaited = since(inputAt) <= WATCHED;
      // Of what somebody does in a frame of another site, such as to pay, nothing is known but what the page then writes.
      const waits = awaited || (!reads && window.document.activeElement?.localName === 'iframe');
      // Sent twice while nobody was waiting, it is sent by a timer.
      const polls = polled[key] ?? 0;
      const answers = polls < 2 || isHandling();
      if (!awaited) polled[key] = polls + 1;
      // What another site is told of a click on one thing, and on another, is told by a tracker.
      const clicked = [...observations].pop()?.event.el?.sel;
      if (clicked && isElsewhere(url)) askers[key] = (askers[key] ?? clicked) === clicked && clicked;
      if (answers && askers[key] !== false) answer('req');
      const typed = isTyping();
      const carried = answers ? submits().slice(-1) : [];
      const end: End = quietly((ended) => {
        if (!pending.delete(end)) return;
        // What somebody's own fetch resolves with may be nothing.
        const { status, type, error, givenUp } = ended;
        // What was sent before while nobody waited may be a poll that the server holds open.
        if (givenUp && (!awaited || polls || since(start) < PATIENCE || isHandling())) return;
        // How it was answered is hidden from the page (`no-cors`, a redirect that it follows itself), and from us.
        if (/^opaque/.test(type as string)) return;
        const host = url?.split('/')[2] as string;
        if (status) known[host] = true;
        // What a content blocker stops is no fault of the page's, which may leave it uncaught.
        else if (error && !known[host] && isElsewhere(url)) excused.add(error);
        // What writes has carried it, not what asked for a token before; and of several, the one that was refused.
        const weight = status + (reads ? 0 : 1000);
        for (const o of carried)
          if (weight > (o.weight ?? -1)) {
            o.weight = weight;
            o.event.status = status;
          }
        if (typed) {
          // What saves as somebody types is told once: it sends a form.
          if (status === (told[key] ?? (reads && 200)) && status < 500) return;
          told[key] = status;
        }
        // What was asked for at no address was never sent.
        if (url && (status ? status >= 400 || (waits && answers) : since(left) > CUT_SHORT))
          record('request', {
            method,
            url: known[host] && askers[key] !== false ? url.replace(/^\w+:/, '') : url,
            status,
            dur: since(start),
          });
      });
      pending.add(end);
      return end;
    }

    everywhere((realm) => {
      patch(realm, 'fetch', ([input, init]) => {
        const { url = input, method, keepalive, signal } = (input ?? {}) as Partial<Request>;
        if (init?.keepalive ?? keepalive) return undefined;
        const end = sent(init?.method ?? method, url, realm);
        // With a handler of ours on the page's own promise, its rejection would count as handled, and the page would
        // not hear of it. The page gets the promise that follows ours instead, with the methods that its own fetch may have given
        // it. Not with all: the promises of zones keep their state there, and whoever waits for two of one state is called twice.
        return (result: Promise<Response> & Record<string, unknown>) => {
          const followed = result.then(
            (response) => {
              end(response);
              return response;
            },
            (error) => {
              // It is given up for any reason that the page has. That it took too long is none of the page's.
              const givenUp = error?.name !== 'TimeoutError' && (init?.signal ?? signal)?.aborted;
              end({ status: 0, error, givenUp });
              throw error;
            },
          ) as typeof result;
          for (const key in result)
            if (!(key in followed) && typeof result[key] === 'function') followed[key] = result[key];
          return followed;
        };
      });

      /** What each was opened for last. It may be used for as long as the page lives, and is listened to once. */
      const opened = new WeakMap<XMLHttpRequest, [method: string, url: unknown]>();
      patch(realm.XMLHttpRequest.prototype, 'open', ([method, url, async], xhr: XMLHttpRequest) => {
        const again = opened.has(xhr);
        opened.set(xhr, [method, url]);
        if (again) return undefined;
        let end: End | undefined;
        listen(
          'loadstart load error timeout abort',
          (event) => {
            const type = event.type;
            if (type === 'loadstart') {
              // Opened anew, it does not tell that it is given up.
              end?.({ status: 0, givenUp: true });
              end = sent(...(opened.get(xhr) as [string, unknown]), realm);
            } else end?.(type === 'abort' ? { status: 0, givenUp: true } : xhr);
          },
          xhr,
        );
        // Of one that the page waits for, no event tells that it starts.
        if (async === false) end = sent(method, url, realm);
        return undefined;
      });
    });

    // What somebody's doing has sent at once is a request, too. What else goes over a socket may be anything.
    patch(window.WebSocket?.prototype, 'send', () => (isHandling() ? answer('req') : undefined));
  };
}
