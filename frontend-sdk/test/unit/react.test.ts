import { act, Component, createElement, type ReactNode, StrictMode, useEffect, useLayoutEffect } from 'react';
import { createRoot, hydrateRoot, type Root } from 'react-dom/client';
import { renderToString } from 'react-dom/server';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { errors, navigation, type Options, stop } from '../../src/index';
import { IrkComponent, IrkErrorBoundary, IrkProvider, useIrk } from '../../src/react/index';
import type { Batch, WireEvent } from '../../src/wire';

let sent: Array<Promise<Batch>>;
let root: Root | undefined;
let box: HTMLElement;
const logged = vi.fn();

const options: Options = { key: 'irk_pk_test', capture: [navigation(), errors()] };
const provided = (...children: ReactNode[]) => createElement(IrkProvider, { options }, ...children);
const show = (node: ReactNode) => act(async () => root?.render(node));

/** Ends the recording, and returns each event that was sent, once: what is on its way may be sent again. */
async function told(): Promise<WireEvent[]> {
  stop();
  const batches = await Promise.all(sent);
  const all = batches.flatMap(({ page, events }) => events.map((event) => [`${page} ${event.n}`, event] as const));
  return [...new Map(all).values()];
}

/** The types of what was sent, of `track` its names. */
const types = async () => (await told()).map(({ type, name }) => name ?? type);

beforeEach(() => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  vi.stubGlobal('CompressionStream', undefined);
  localStorage.clear();
  sent = [];
  window.fetch = (async (_: string, { body }: { body: Blob }) => {
    sent.push(body.text().then((text) => JSON.parse(text)));
    return new Response('{}');
  }) as never;
  document.body.innerHTML = '<main></main>';
  box = document.querySelector('main') as HTMLElement;
  root = createRoot(box, { onCaughtError: logged });
  logged.mockReset();
});

afterEach(async () => {
  await act(async () => root?.unmount());
  stop();
});

function Tracking({ name }: { name: string }) {
  const { track } = useIrk();
  useLayoutEffect(() => track(`${name} shown`), [name, track]);
  useEffect(() => track(`${name} ready`), [name, track]);
  return name;
}

function Broken(): ReactNode {
  throw new TypeError('The total of "Jane Doe" is no number');
}

test('what children track in their first effects is recorded', async () => {
  await show(provided(createElement(Tracking, { name: 'cart' })));
  expect(box.textContent).toBe('cart');
  expect(await types()).toEqual(['page', 'cart shown', 'cart ready']);
});

test('under StrictMode a page is recorded once', async () => {
  await show(createElement(StrictMode, null, provided('cart')));
  expect(await types()).toEqual(['page']);
});

test('other options, and another mount, do not begin anew', async () => {
  await show(provided('cart'));
  await show(createElement(IrkProvider, { options: { key: 'irk_pk_other' } }, 'cart'));
  await show(null);
  await show(provided('cart'));
  expect(await types()).toEqual(['page']);
});

test('a server renders the children alone, and the browser that hydrates them begins to record', async () => {
  const app = provided(createElement(IrkComponent, { name: 'Cart' }, createElement(Tracking, { name: 'cart' })));
  const html = renderToString(app);
  expect(html).toBe('<slot name="irk" data-irk-component="Cart">cart</slot>');
  document.body.innerHTML = `<main>${html}</main>`;
  box = document.querySelector('main') as HTMLElement;
  const failed = vi.fn();
  root = await act(async () => hydrateRoot(box, app, { onRecoverableError: failed }));
  expect(failed).not.toHaveBeenCalled();
  expect(box.innerHTML).toContain('data-irk-component="Cart"');
  expect(await types()).toEqual(['page', 'cart shown', 'cart ready']);
});

test('a boundary shows its fallback, reports the error without what it quotes, and lets React log it', async () => {
  await show(provided(createElement(IrkErrorBoundary, { fallback: 'Sorry' }, createElement(Broken))));
  expect(box.textContent).toBe('Sorry');
  expect(logged).toHaveBeenCalledTimes(1);
  expect(logged.mock.calls[0]?.[0]).toBeInstanceOf(TypeError);
  const [, error] = await told();
  expect(error).toMatchObject({ type: 'error', kind: 'error', message: 'TypeError: The total of … is no number' });
  expect(JSON.stringify(error)).not.toMatch(/Jane|Broken|IrkErrorBoundary/);
});

test('a boundary tries its children again when its fallback asks to', async () => {
  let broken = true;
  const Sometimes = () => (broken ? createElement(Broken) : 'cart');
  const fallback = vi.fn((_error: unknown, reset: () => void) =>
    createElement('button', { type: 'button', onClick: reset }, 'Again'),
  );
  await show(provided(createElement(IrkErrorBoundary, { fallback }, createElement(Sometimes))));
  expect(fallback.mock.lastCall?.[0]).toBeInstanceOf(TypeError);
  broken = false;
  await act(async () => box.querySelector('button')?.click());
  expect(box.textContent).toBe('cart');
});

test.each([
  ['Not found', 'string'],
  [{ name: 'Jane', message: 'Please call me' }, 'object'],
])('a boundary catches also what is no error: %j', async (thrown, message) => {
  const Thrower = (): ReactNode => {
    throw thrown;
  };
  await show(provided(createElement(IrkErrorBoundary, { fallback: 'Sorry' }, createElement(Thrower))));
  expect(box.textContent).toBe('Sorry');
  expect((await told())[1]).toMatchObject({ type: 'error', message });
});

test('a boundary lets pass what Next.js throws to redirect', async () => {
  const Redirecting = (): ReactNode => {
    throw Object.assign(new Error('NEXT_REDIRECT'), { digest: 'NEXT_REDIRECT;replace;/login;307;' });
  };
  class Router extends Component<{ children: ReactNode }> {
    override state = { to: '' };
    static getDerivedStateFromError({ digest }: { digest: string }) {
      return { to: digest.split(';')[2] };
    }
    override render = () => this.state.to || this.props.children;
  }
  const inside = createElement(IrkErrorBoundary, { fallback: 'Sorry' }, createElement(Redirecting));
  await show(provided(createElement(Router, null, inside)));
  expect(box.textContent).toBe('/login');
  expect(await types()).toEqual(['page']);
});

test('without recording, everything is shown and nothing is sent', async () => {
  await show(createElement(IrkErrorBoundary, { fallback: 'Sorry' }, createElement(Broken)));
  expect(box.textContent).toBe('Sorry');
  await show(createElement(Tracking, { name: 'cart' }));
  expect(await types()).toEqual([]);
});
