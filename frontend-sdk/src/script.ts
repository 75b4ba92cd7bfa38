import { consent, identify, init, preset, report, stop, track } from './index';
import { quietly } from './lib/quietly';
import type { Options } from './types';

/** Where events go: beside the script. One from a `blob:`, or one that stands in the page, has no place of its own. */
const beside = quietly((source: string) => new URL('/v1/events', source).href);

/**
 * The script tag: `<script src="https://irk.example/sdk/irk.js" data-key="irk_pk_…" crossorigin defer></script>`. Every option is
 * a data attribute; events go to the origin that the script came from, unless `data-endpoint` says otherwise.
 */
const page = window as { irk?: Record<string, unknown> };
const begin = (options: Options) => init({ capture: preset(), ...options });
// A second copy of the tag must not begin anew.
if (!page.irk?.init) {
  page.irk = { init: begin, identify, track, report, consent, stop };
  const tag = document.currentScript as HTMLScriptElement | null;
  if (tag?.dataset.key) begin({ endpoint: beside(tag.src), ...(tag.dataset as unknown as Options) });
}
