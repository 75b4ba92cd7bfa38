import { consent, identify, init, preset, stop, track } from './index';
import type { Options } from './types';

/**
 * The script tag: `<script src="https://irk.example/sdk/irk.js" data-key="irk_pk_…" defer></script>`. Every option is
 * a data attribute; the endpoint is on the origin that the script came from, unless `data-endpoint` says otherwise.
 */
const api = {
  init: (options: Options): void => init({ capture: preset(), ...options }),
  identify,
  track,
  consent,
  stop,
};

const page = window as { irk?: typeof api };
// A second copy of the tag must not begin anew.
if (!page.irk) {
  page.irk = api;
  const { dataset, src } = (document.currentScript ?? {}) as Partial<HTMLScriptElement>;
  if (dataset?.key)
    api.init({
      key: dataset.key,
      endpoint: dataset.endpoint || new URL('/v1/events', src || location.href).href,
      ...(dataset.release && { release: dataset.release }),
      ...(dataset.environment && { environment: dataset.environment }),
      ...(dataset.sample && { sample: Number(dataset.sample) }),
      ...(dataset.consent === 'required' && { consent: 'required' }),
    });
}
