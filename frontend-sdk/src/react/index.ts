'use client';

import { Component, createElement, type ReactNode, useInsertionEffect } from 'react';
import { consent, identify, init, type Options, report, track } from '../index';

/**
 * Begins to record once the app is in a browser; on a server it does nothing. Recording goes on when the provider goes,
 * as in a StrictMode rehearsal: `stop()` ends it. Later changes of the options have no effect.
 */
export function IrkProvider({ options, children }: { options: Options; children?: ReactNode }): ReactNode {
  // The one effect that runs before an error boundary is told, and before any effect of a child may call `track`.
  // biome-ignore lint/correctness/useExhaustiveDependencies: other options must not begin anew what `stop` has ended.
  useInsertionEffect(() => init(options), []);
  return children;
}

const irk = { consent, identify, track };

/** What a component says to Irk: `track`, `identify` and `consent`, the same functions at every call. */
export const useIrk = (): typeof irk => irk;

/** Names the component that its children are: incidents say "in Checkout". It has no box of its own in the layout. */
export function IrkComponent({ name, children }: { name: string; children?: ReactNode }): ReactNode {
  // A style of its own would need an exception in a strict content security policy. A slot outside of a shadow tree is just this.
  return createElement('slot', { name: 'irk', 'data-irk-component': name }, children);
}

interface Boundary {
  /** What is shown in place of the children after one of them threw; `reset` tries them again. */
  fallback: ReactNode | ((error: unknown, reset: () => void) => ReactNode);
  children?: ReactNode;
}

/**
 * Shows the fallback when a child throws while it renders, and reports the error: React catches it, so that it never
 * reaches the page. React logs it as with any boundary. Nothing of the component stack is told.
 */
export class IrkErrorBoundary extends Component<Boundary, { caught?: { error: unknown } }> {
  override state: { caught?: { error: unknown } } = {};

  static getDerivedStateFromError(error: unknown): { caught: { error: unknown } } {
    // The way in which Next.js redirects, and shows that nothing was found. https://nextjs.org/docs/app/api-reference/functions/unstable_rethrow
    if (`${(error as { digest?: string } | null)?.digest}`.startsWith('NEXT_')) throw error;
    return { caught: { error } };
  }

  override componentDidCatch(error: unknown): void {
    report(error);
  }

  override render(): ReactNode {
    const { caught } = this.state;
    const { fallback, children } = this.props;
    if (!caught) return children;
    return typeof fallback === 'function'
      ? fallback(caught.error, () => this.setState({ caught: undefined }))
      : fallback;
  }
}
