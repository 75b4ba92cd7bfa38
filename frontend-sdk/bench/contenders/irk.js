//# allFunctionsCalledOnLoad
import { init, preset } from '../../src/index.ts';

init({ key: 'irk_pk_bench', endpoint: '/sink/irk', release: '1.0.0', capture: preset() });
