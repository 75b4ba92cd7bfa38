// The smallest useful bundle, built to be weighed: the core and one capture.
import { clicks, init } from '../src/index';

init({ key: 'irk_pk_…', capture: [clicks()] });
