// One product. Everything here works, and answers in the click's own task: a synchronous handler is an answer.
import { add } from "./basket.js";

const product = document.querySelector(".product");
const views = [...document.querySelectorAll("[data-view]")];
const position = document.getElementById("position");
const quantity = document.getElementById("quantity");
const favourite = document.getElementById("favourite");
let shown = 0;

function show(index) {
  shown = (index + views.length) % views.length;
  views.forEach((view, i) => {
    view.hidden = i !== shown;
  });
  position.textContent = `${shown + 1} of ${views.length}`;
}

function step(by) {
  quantity.textContent = Math.min(20, Math.max(1, Number(quantity.textContent) + by));
}

document.getElementById("previous").addEventListener("click", () => show(shown - 1));
document.getElementById("next").addEventListener("click", () => show(shown + 1));
document.getElementById("fewer").addEventListener("click", () => step(-1));
document.getElementById("more").addEventListener("click", () => step(1));

favourite.addEventListener("click", () => {
  favourite.setAttribute("aria-pressed", String(favourite.getAttribute("aria-pressed") !== "true"));
});

document.getElementById("add").addEventListener("click", () => {
  const { slug, name, priceCents } = product.dataset;
  add({ slug, name, cents: Number(priceCents), count: Number(quantity.textContent) });
  document.getElementById("added").hidden = false;
});
