import Link from 'next/link';

export function getServerSideProps({ params }) {
  return { props: { id: params.id } };
}

export default function Order({ id }) {
  return (
    <main>
      <Link href="/">Orders</Link>{' '}
      <Link href="/" replace>
        Close
      </Link>
      <h1>Order {id}</h1>
      <section data-irk-component="Checkout">
        <p>1 lamp, 40 €</p>
        {/* Broken on purpose: nothing answers. */}
        <button type="button" data-testid="pay">
          Pay now
        </button>
      </section>
    </main>
  );
}
