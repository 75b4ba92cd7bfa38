// The cart. Bug, on purpose: the shop's endpoint refuses every coupon, and does not say why.
import { money, read, remove, totalCents } from "./basket.js";

const lines = document.getElementById("lines");
const template = document.getElementById("line");
const coupon = document.getElementById("coupon");
const problem = document.getElementById("coupon-problem");

function row({ slug, name, cents, count }) {
  const item = template.content.cloneNode(true);
  item.querySelector(".line-name").textContent = name;
  item.querySelector(".line-count").textContent = `× ${count}`;
  item.querySelector(".line-price").textContent = money(cents * count);
  item.querySelector("button").setAttribute("aria-label", `Remove ${name}`);
  item.querySelector("button").addEventListener("click", () => {
    remove(slug);
    show();
  });
  return item;
}

function show() {
  const content = read();
  lines.replaceChildren(...content.map(row));
  document.getElementById("empty").hidden = content.length > 0;
  document.getElementById("filled").hidden = content.length === 0;
  document.getElementById("total").textContent = money(totalCents());
}

coupon.addEventListener("submit", async (event) => {
  event.preventDefault();
  problem.hidden = true;
  const answer = await fetch(coupon.action, { method: "POST", body: new FormData(coupon) });
  problem.textContent = (await answer.json()).message;
  problem.hidden = false;
});

show();
