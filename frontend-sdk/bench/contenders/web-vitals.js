import { onCLS, onFCP, onINP, onLCP, onTTFB } from 'web-vitals';

const send = ({ name, value, id }) => navigator.sendBeacon('/sink/web-vitals', JSON.stringify({ name, value, id }));
for (const on of [onCLS, onFCP, onINP, onLCP, onTTFB]) on(send);
