import Link from 'next/link';

export default function Orders() {
  return (
    <main>
      <h1>Orders</h1>
      <Link href="/orders/8412">Order 8412</Link> <Link href="/orders/ann+bo">Ann’s order</Link>
    </main>
  );
}
