// The cart, kept in this browser only: [{slug, name, cents, count}].
const STORED_AS = "larkspur.cart";

export function read() {
  try {
    return JSON.parse(localStorage.getItem(STORED_AS)) ?? [];
  } catch {
    // Storage is blocked or holds something else: an empty cart is the honest answer.
    return [];
  }
}

function write(lines) {
  localStorage.setItem(STORED_AS, JSON.stringify(lines));
  showCount();
}

export function add({ slug, name, cents, count }) {
  const lines = read();
  const known = lines.find((line) => line.slug === slug);
  if (known) known.count += count;
  else lines.push({ slug, name, cents, count });
  write(lines);
}

export function remove(slug) {
  write(read().filter((line) => line.slug !== slug));
}

export function totalCents() {
  return read().reduce((sum, line) => sum + line.cents * line.count, 0);
}

export function money(cents) {
  return `$${(cents / 100).toFixed(2)}`;
}

export function showCount() {
  const count = read().reduce((sum, line) => sum + line.count, 0);
  document.querySelector("[data-cart-count]").textContent = count;
}
