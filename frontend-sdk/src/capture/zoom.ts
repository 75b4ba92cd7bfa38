import { listen } from '../lib/attach';
import { after } from '../lib/quietly';
import { later, record } from '../lib/recorder';
import type { Capture } from '../types';

/** A zoom has ended when its scale has not changed for so long (ms). */
const STILL = 500;

/** Records zooms by pinch or double tap, on pages that are made for small screens. */
export function zooms(): Capture {
  return later(() => {
    const view = visualViewport as VisualViewport;
    let scale = view.scale;
    let timer: ReturnType<typeof setTimeout>;

    listen(
      'resize',
      () => {
        clearTimeout(timer);
        timer = after(() => {
          if (scale !== view.scale && document.querySelector('meta[name=viewport]')) {
            scale = view.scale;
            record('zoom', { scale: Math.round(100 * scale) });
          }
        }, STILL);
      },
      view,
    );
  });
}
