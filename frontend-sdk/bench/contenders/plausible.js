import { init } from '@plausible-analytics/tracker';

init({
  domain: 'bench.example',
  endpoint: '/sink/plausible',
  outboundLinks: true,
  fileDownloads: true,
  formSubmissions: true,
  captureOnLocalhost: true,
});
