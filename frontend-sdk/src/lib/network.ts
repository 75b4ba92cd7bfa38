import { now } from './clock';
import type { Recorder } from './recorder';

/**
 * Told of each request when it is sent. May return a function to be told of its end: the HTTP status, or 0 if it failed.
 * A request that the page gave up itself has no end.
 */
export type RequestListener = (method: string, url: string) => ((status: number, ms: number) => void) | undefined;

type End = (status: number) => void;

/**
 * Watches fetch and XMLHttpRequest. Beacons and keepalive requests are left out: nobody waits for them, so they
 * answer no click, and analytics sends one on every click, dead or not.
 */
export function watchRequests(recorder: Recorder): RequestListener[] {
  const listeners: RequestListener[] = [];

  function sent(method: string, url: string): End {
    const start = now();
    const ends = listeners.map((listener) => listener(method, url));
    return (status) => {
      for (const end of ends) end?.(status, Math.round(now() - start));
    };
  }

  recorder.patch(window, 'fetch', ([input, init]) => {
    const request = input as Partial<Request>;
    if (init?.keepalive ?? request?.keepalive) return;
    const end = sent(String(init?.method ?? request?.method ?? 'GET').toUpperCase(), String(request?.url ?? input));
    return (result: Promise<Response>) =>
      // Handing on the promise itself with a handler of ours attached would make a rejection count as handled.
      typeof result?.then !== 'function'
        ? result
        : result.then(
            (response) => {
              guarded(end, response.status);
              return response;
            },
            (error: unknown) => {
              if ((error as Error | undefined)?.name !== 'AbortError') guarded(end, 0);
              throw error;
            },
          );
  });

  const opened = new WeakMap<XMLHttpRequest, [method: string, url: string]>();
  recorder.patch(XMLHttpRequest.prototype, 'open', ([method, url], xhr) => {
    opened.set(xhr, [String(method).toUpperCase(), String(url)]);
  });
  recorder.patch(XMLHttpRequest.prototype, 'send', (_, xhr: XMLHttpRequest) => {
    const target = opened.get(xhr);
    if (!target) return;
    const end = sent(...target);
    let aborted = false;
    xhr.addEventListener('abort', () => {
      aborted = true;
    });
    xhr.addEventListener('loadend', () => aborted || guarded(end, xhr.status), { once: true });
  });

  return listeners;
}

function guarded(end: End, status: number) {
  try {
    end(status);
  } catch {
    // Our fault must not become the page's.
  }
}
