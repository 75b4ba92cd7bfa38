import { listen } from '../lib/attach';
import { after } from '../lib/quietly';
import { later, record } from '../lib/recorder';
import { current, watchResponses } from '../lib/response';
import type { Capture } from '../types';

/** A zoom has ended when its scale has not changed for so long (ms). */
const STILL = 500;

/** Records zooms by pinch or double tap, on pages that are made for small screens. */
export function zooms(): Capture {
  return later(() => {
    watchResponses();
    const view = visualViewport as VisualViewport;
    let scale = view.scale;
    let timer: ReturnType<typeof setTimeout>;

    listen(
      'resize',
      () => {
        clearTimeout(timer);
        timer = after(() => {
          if (scale === view.scale) return;
          scale = view.scale;
          // Until somebody has touched it, a page only finds its size.
          if (current && document.querySelector('meta[name=viewport]'))
            record('zoom', { scale: Math.round(100 * scale) });
        }, STILL);
      },
      view,
    );
  });
}
