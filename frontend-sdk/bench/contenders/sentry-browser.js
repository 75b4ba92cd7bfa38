import { init } from '@sentry/browser';

init({ dsn: `${location.protocol}//bench@${location.host}/sink/1`, release: '1.0.0' });
