import { listen, onStop, patch } from './attach';
import { now, since } from './clock';
import { quietly } from './quietly';

/**
 * Told of each request when it is sent. May return a function to be told of its end: the HTTP status, or 0 if it failed.
 * A request that the page gave up itself has no end.
 */
export type RequestListener = (method: string, url: string) => ((status: number, ms: number) => void) | undefined;

let listeners: RequestListener[] = [];

function sent(method: string | undefined, url: unknown): (status: number) => void {
  const start = now();
  const ends = listeners.map((listener) => listener((method ?? 'GET').toUpperCase(), String(url)));
  return quietly((status) => {
    for (const end of ends) end?.(status, since(start));
  });
}

/**
 * Watches fetch and XMLHttpRequest. Beacons and keepalive requests are left out: nobody waits for them, so they
 * answer no click, and analytics sends one on every click, dead or not.
 */
export function onRequest(listener: RequestListener): void {
  if (listeners.push(listener) > 1) return;
  onStop(() => {
    listeners = [];
  });

  patch(window, 'fetch', ([input, init]) => {
    const { url = input, method, keepalive } = (input ?? {}) as Partial<Request>;
    if (init?.keepalive ?? keepalive) return undefined;
    const end = sent(init?.method ?? method, url);
    // With a handler of ours on the page's own promise, its rejection would count as handled, and the page would
    // not hear of it. The page gets the promise that follows ours instead.
    return (result: Promise<Response>) =>
      result.then(
        (response) => {
          end(response.status);
          return response;
        },
        (error) => {
          if (error?.name !== 'AbortError') end(0);
          throw error;
        },
      );
  });

  const opened = new WeakMap<XMLHttpRequest, [method: string, url: string]>();
  patch(XMLHttpRequest.prototype, 'open', ([method, url], xhr) => {
    opened.set(xhr, [method, url]);
    return undefined;
  });
  patch(XMLHttpRequest.prototype, 'send', (_, xhr: XMLHttpRequest) => {
    const end = sent(...(opened.get(xhr) as [string, string]));
    // Neither fires when the page aborts.
    listen('load error timeout', () => end(xhr.status), xhr);
    return undefined;
  });
}
