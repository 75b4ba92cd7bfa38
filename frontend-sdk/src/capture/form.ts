import { listen, patch } from '../lib/attach';
import { now, since } from '../lib/clock';
import { described, isField } from '../lib/element';
import { attribute, hit, own } from '../lib/node';
import { after } from '../lib/quietly';
import { later, onLeave, record } from '../lib/recorder';
import { current, isTyping, submits, watch, watchResponses } from '../lib/response';
import type { Capture } from '../types';
import type { WireEvent } from '../wire';

/** The number of edits grows with what was typed, and would tell its length. Rules need to know: none, one, or more. */
const MAX_EDITS = 2;

/** What a form that the app itself looks at marks as wrong, so soon after it was submitted (ms). */
const WRONG = '[aria-invalid=true],.is-invalid';
const MARKED_AFTER = 300;

/** Whether it is to be sent: it has a button that does it, or asks for something. Calculators and filters neither do nor are abandoned, nor is what asks for a list (GET). */
const isSent = (form: HTMLFormElement) =>
  !/^get$/i.test(attribute(form, 'method') as string) &&
  Array.from(own(form, 'elements') as never as HTMLInputElement[]).some(
    ({ type, required }) => type === 'submit' || required,
  );

/** Records submits and their outcome, and visits to fields: that they were edited and cleared, never what is in them. */
export function forms(): Capture {
  return later(() => {
    watchResponses();
    let refused: Event | undefined;
    /** The visit in which a form was submitted as somebody typed. It is told once: so many submits would tell how much was typed. */
    let typed: unknown;
    /** Whether the page asks what is valid, and shows nothing. */
    let asked: boolean | undefined;

    function sent(form: Element, how: WireEvent['how'], by?: Event): void {
      let wrong: unknown;
      const isWrong = () => by?.defaultPrevented && Element.prototype.querySelector.call(form, WRONG);
      const el = described(form);
      // What the app does not let the browser send, and does not send itself, it has refused.
      if (el)
        watch('submit', { el, how }, now(), (event) => {
          // What was answered well is refused all the same, where the app says so in the answer and at the fields.
          const { after, status = after?.req } = event;
          if (status == null ? wrong : (event.status as number) < 400 && isWrong()) event.how = 'invalid';
        });
      after(() => {
        // Where the browser has refused it as well, that is told already.
        wrong = by !== refused && isWrong();
      }, MARKED_AFTER);
    }

    listen('submit invalid', (event) => {
      const how = event.type;
      const form = how === 'invalid' ? event.target.form : event.target;
      if (!event.isTrusted || !form) return;
      if (how === 'submit' && isTyping()) {
        if (typed === visit) return;
        typed = visit;
      }
      if (how === 'invalid') {
        // The browser refuses a form once per field, upon a click or Enter; an app that has it submitted unseen, while it is. Apps also
        // ask `checkValidity` at every key or click, to know whether a button is to be enabled, which refuses nobody.
        const by = current?.type;
        const refuses =
          by === 'submit'
            ? form.noValidate && current?.eventPhase
            : !asked && (by === 'click' || (current as KeyboardEvent)?.key === 'Enter');
        if (current === refused || !refuses) return;
        refused = current;
      }
      sent(form, how, event);
    });
    for (const name of ['Form', 'Input', 'Select', 'TextArea'])
      patch(window[`HTML${name as 'Form'}Element`].prototype, 'checkValidity', () => {
        asked = true;
        return () => {
          asked = undefined;
        };
      });
    // Of what a script submits no event tells, unless it goes on with what somebody has submitted.
    patch(HTMLFormElement.prototype, 'submit', (_, form) => {
      if (!submits()[0]) sent(form, 'submit');
      return undefined;
    });

    let field: HTMLInputElement | undefined;
    let visit: Partial<WireEvent>;
    let start: number;
    let edits: number;
    let clears: number;
    /** By selector, the last character that stood in each field: by it we know what the page has replaced. It is never told. */
    const stood: Record<string, string> = {};
    let sel: string;
    let leaving: ReturnType<typeof setTimeout>;

    // Elements of somebody's own may have values that are no texts.
    const text = () => `${field?.value ?? field?.textContent ?? ''}`;

    function leave() {
      if (field) record('field', { ...visit, edits, clears, dur: since(start) }, start);
      field = undefined;
    }

    listen('focusin focusout input keydown', (event: Event) => {
      const target = hit(event) as HTMLInputElement;
      if (event.type === 'input') {
        edits = edits ? MAX_EDITS : 1;
        // Not by an app that empties it once it has sent it.
        if (stood[sel] && !text() && event.isTrusted) {
          clears++;
          stood[sel] = '';
        }
        return;
      }
      // Not upon input: what the page refuses as it is typed is there for a moment, and gone by the next key.
      if (event.type !== 'focusin') stood[sel] = text().slice(-1) || (stood[sel] as string);
      if (event.type === 'keydown') return;
      // What an app draws anew at each key, and gives the focus again, is visited once: the visits would tell how much was typed.
      clearTimeout(leaving);
      if (event.type === 'focusout') {
        leaving = after(leave);
        return;
      }
      const el = isField(target) && described(target);
      if (el && el.sel === sel && field) {
        field = target;
        return;
      }
      leave();
      if (!el) return;
      field = target;
      sel = el.sel;
      const form = target.form;
      visit = {
        el,
        // Where the page only writes otherwise what was typed, as telephone numbers, its end is still there.
        how: stood[sel] && !text().includes(stood[sel] as string) ? 'replace' : undefined,
        form: form && isSent(form) ? described(form)?.sel : undefined,
      };
      start = now();
      edits = clears = 0;
    });
    onLeave(leave);
  });
}
