import Link from 'next/link';

export default async function Order({ params }) {
  const { id } = await params;
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
