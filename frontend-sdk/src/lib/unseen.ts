import { listen, patch } from './attach';
import { now } from './clock';
import type { Around } from './patch';
import { quietly } from './quietly';

/** What paints a canvas, by the names that its contexts give it. */
const PAINTS = 'clearRect fillRect fill stroke fillText drawImage putImageData clear drawArrays drawElements submit';

/** Whether a field is being read. A page may have put something before its value that sets it. */
let reading = false;

/** What a field shows. It is compared, and goes nowhere. */
function shown(field: HTMLInputElement & HTMLOptionElement): string | undefined {
  reading = true;
  const text = quietly(() => `${field.value} ${field.checked} ${field.selected}`)();
  reading = false;
  return text;
}

/** Whether the page has a canvas. Most have none. */
let paints: boolean | undefined;
let unpatch: Array<() => void> = [];

/**
 * Tells `changed` what is painted on canvases, until `watchPaintNoMore`. Not all the time: some apps paint by the thousand a
 * frame.
 */
export function watchPaint(changed: (what: object, aspect: string) => void): void {
  watchPaintNoMore();
  paints ??= !!document.querySelector('canvas');
  if (!paints) return;
  let at: number;
  const painted: Around = (_, context) => {
    if (at === now()) return undefined;
    at = now();
    return changed(context, 'paint') as undefined;
  };
  for (const name of ['CanvasRenderingContext2D', 'WebGLRenderingContext', 'WebGL2RenderingContext', 'GPUQueue'])
    patch(window[name as 'CanvasRenderingContext2D']?.prototype, PAINTS, painted, undefined, (undo) => {
      unpatch.push(quietly(undo));
    });
}

export function watchPaintNoMore(): void {
  for (const undo of unpatch) undo();
  unpatch = [];
}

/**
 * Tells `changed` what a script changes without mutating the document: what a field shows (a stepper, a calculator, "select
 * all"), animations, rules of style sheets, and what a frame shows. Asks first whether anybody is `watching`: fields are set all the
 * time, and most of them to what they show already.
 */
export function watchUnseen(watching: () => unknown, changed: (what: object, aspect: string) => void): void {
  const field: Around = (_, self) => {
    if (reading || !watching()) return undefined;
    const before = shown(self);
    return () => {
      if (shown(self) !== before) changed(self, 'value');
    };
  };
  for (const name of ['Input', 'TextArea', 'Select', 'Option']) {
    const { prototype } = window[`HTML${name as 'Input'}Element`];
    patch(prototype, 'value checked valueAsNumber valueAsDate selectedIndex selected', field, 'set');
    patch(prototype, 'stepUp stepDown setRangeText', field);
  }

  patch(HTMLCanvasElement.prototype, 'getContext', () => {
    paints = true;
    return undefined;
  });

  const itself: Around = (_, self) => changed(self, 'itself') as undefined;
  patch(Element.prototype, 'animate', itself);
  patch(window.Animation?.prototype, 'play pause reverse cancel finish', (_, self) =>
    itself(_, (self as Animation & { effect: KeyframeEffect | null }).effect?.target ?? self),
  );
  patch(CSSStyleSheet.prototype, 'insertRule deleteRule replace replaceSync', itself);
  for (const { prototype } of [CSSStyleSheet, HTMLStyleElement]) patch(prototype, 'disabled', itself, 'set');
  patch(Document.prototype, 'adoptedStyleSheets', itself, 'set');
  listen('load', ({ target }) => target.contentWindow && changed(target, 'itself'), document);
}
