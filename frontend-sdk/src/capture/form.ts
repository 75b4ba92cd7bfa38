import { now } from '../lib/clock';
import { described, isField } from '../lib/element';
import { watchResponses } from '../lib/response';
import type { Capture } from '../types';
import type { WireElement } from '../wire';

/**
 * The browser refuses a form right after a click or Enter (ms). Apps also ask `checkValidity` at every key or when a
 * field is left, which refuses nobody.
 */
const ATTEMPT = 500;

/** `edits` grows with what was typed; a power of four tells no length. */
const rough = (count: number) => (count ? 4 ** Math.floor(Math.log(count) / Math.log(4)) : 0);

interface Visit {
  field: HTMLElement;
  el: WireElement;
  form: string | undefined;
  since: number;
  edits: number;
  clears: number;
  filled: boolean;
}

/** Records submits and their outcome, and visits to fields: that they were edited and cleared, never what is in them. */
export function forms(): Capture {
  return (recorder) => {
    const responses = recorder.use(watchResponses);
    let attempt = Number.NEGATIVE_INFINITY;
    let refused: Element | undefined;
    let visit: Visit | undefined;

    recorder.listen(window, 'click keydown', (event: KeyboardEvent) => {
      if (event.isTrusted && (event.type === 'click' || event.key === 'Enter')) {
        attempt = event.timeStamp;
        refused = undefined;
      }
    });

    recorder.listen(window, 'submit invalid', (event: Event) => {
      const invalid = event.type === 'invalid';
      const target = event.composedPath()[0] as HTMLInputElement;
      const form = invalid ? target.form : target;
      if (!event.isTrusted || !form) return;
      if (invalid && (form === refused || event.timeStamp - attempt > ATTEMPT)) return;
      if (invalid) refused = form;
      const el = described(form);
      const submit = el && recorder.open('submit', Math.min(event.timeStamp, now()), el);
      if (!submit) return;
      submit.how = invalid ? 'invalid' : 'submit';
      responses.watch(submit);
    });

    const filled = (field: HTMLElement) => !!((field as HTMLInputElement).value ?? field.textContent);

    function leave() {
      if (!visit) return;
      const { el, form, since, edits, clears } = visit;
      const event = recorder.open('field', since, el);
      // A tenth of a second is enough for a rule, and too little to tell keystrokes.
      const dur = Math.round((now() - since) / 100) * 100;
      if (event) recorder.close({ ...event, ...(form && { form }), edits: rough(edits), clears, dur });
      visit = undefined;
    }

    recorder.listen(window, 'focusin', (event: Event) => {
      const field = event.composedPath()[0];
      leave();
      if (!(field instanceof Element) || !isField(field)) return;
      const el = described(field);
      const { form } = field as HTMLInputElement;
      if (!el) return;
      visit = {
        field,
        el,
        form: form ? described(form)?.sel : undefined,
        since: now(),
        edits: 0,
        clears: 0,
        filled: filled(field),
      };
    });
    recorder.listen(window, 'input', (event: Event) => {
      if (!visit || event.composedPath()[0] !== visit.field) return;
      const before = visit.filled;
      visit.filled = filled(visit.field);
      visit.edits++;
      if (before && !visit.filled) visit.clears++;
    });
    recorder.listen(window, 'focusout', leave);
    recorder.onLeave(leave);
  };
}
