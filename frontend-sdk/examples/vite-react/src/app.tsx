import { IrkComponent, IrkErrorBoundary } from '@irk/browser/react';
import { type MouseEvent, useEffect, useState } from 'react';

/** The path that is shown, and a click handler for links that shows another without loading a page. */
function usePath(): [path: string, follow: (event: MouseEvent<HTMLAnchorElement>) => void] {
  const [path, setPath] = useState(location.pathname);
  useEffect(() => {
    const back = () => setPath(location.pathname);
    addEventListener('popstate', back);
    return () => removeEventListener('popstate', back);
  }, []);
  return [
    path,
    (event) => {
      event.preventDefault();
      history.pushState(null, '', event.currentTarget.href);
      setPath(location.pathname);
    },
  ];
}

function Coupon() {
  const [applied, setApplied] = useState(false);
  if (applied) throw new TypeError('The coupon of "Jane Doe" has no discount');
  return (
    <button type="button" onClick={() => setApplied(true)}>
      Apply coupon
    </button>
  );
}

function Order({ id }: { id: string }) {
  return (
    <>
      <h1>Order {id}</h1>
      <IrkComponent name="Checkout">
        <p>1 lamp, 40 €</p>
        {/* Broken on purpose: nothing answers. */}
        <button type="button" data-testid="pay">
          Pay now
        </button>
        <IrkErrorBoundary fallback={<p>Coupons are not available.</p>}>
          <Coupon />
        </IrkErrorBoundary>
      </IrkComponent>
    </>
  );
}

export function App() {
  const [path, follow] = usePath();
  const [, order] = /^\/orders\/(\d+)$/.exec(path) ?? [];
  return (
    <main>
      <nav>
        <a href="/" onClick={follow}>
          Orders
        </a>{' '}
        <a href="/orders/8412" onClick={follow}>
          Order 8412
        </a>
      </nav>
      {order ? <Order id={order} /> : <h1>Orders</h1>}
    </main>
  );
}
