/** The wire format, version 1. What each field means is said in docs/wire.md. Times are ms. */

declare const __IRK_VERSION__: string;

export const SDK_VERSION: string = __IRK_VERSION__;

/** The ways in which a page can answer, see `after` in docs/wire.md. */
export type Answer =
  | 'mut'
  | 'bg'
  | 'req'
  | 'nav'
  | 'scroll'
  | 'sel'
  | 'input'
  | 'focus'
  | 'dlg'
  | 'dl'
  | 'win'
  | 'media'
  | 'vis'
  | 'err';

/** What a click on an element does by itself. */
export type Kind = 'link' | 'newtab' | 'download' | 'external' | 'text' | 'select' | 'media' | 'canvas' | 'label';

export interface WireElement {
  sel: string;
  role?: string;
  label?: string;
  kind?: Kind;
  click?: boolean;
}

export type EventType =
  | 'page'
  | 'click'
  | 'submit'
  | 'field'
  | 'error'
  | 'request'
  | 'leave'
  | 'return'
  | 'scroll'
  | 'pointer'
  | 'zoom'
  | 'copy'
  | 'interaction'
  | 'track';

export interface WireEvent {
  n: number;
  /** Since the page's time origin. */
  t: number;
  type: EventType;
  route: string;
  el?: WireElement;
  nav?: 'load' | 'reload' | 'push' | 'replace' | 'back' | 'bfcache';
  from?: string;
  x?: number;
  y?: number;
  after?: Partial<Record<Answer, number>>;
  bg?: number;
  observed?: number;
  detail?: number;
  mods?: string;
  ptr?: string;
  button?: number;
  shift?: number;
  shiftAgo?: number;
  how?: 'submit' | 'invalid' | 'replace' | 'pointer' | 'key' | 'reload';
  status?: number;
  form?: string;
  edits?: number;
  clears?: number;
  dur?: number;
  kind?: 'error' | 'rejection';
  message?: string;
  source?: string;
  method?: string;
  url?: string;
  name?: string;
  dist?: number;
  turns?: number;
  scale?: number;
  age?: number;
}

/** A batch that is closed: its events will always travel together under these ids. The clocks are added when it is sent. */
export interface Batch {
  v: 1;
  sdk: string;
  sid: string;
  page: string;
  seq: number;
  /** The page's time origin on the wall clock. */
  origin: number;
  ctx: Context;
  events: WireEvent[];
  /** Events that were given up before it was sent. */
  lost?: number;
  /** How often it was tried before. */
  try: number;
}

export interface Context {
  release?: string;
  environment?: string;
  user?: string;
  device?: 'desktop' | 'mobile' | 'tablet';
  viewport?: [number, number];
  lang?: string;
}
