// Checking out. Bug, on purpose: `quoted` is what a shipping quote would set, and nobody asks for one, so that the Pay
// button answers nothing.
import { money, totalCents } from "./basket.js";

let quoted = false;

document.getElementById("total").textContent = money(totalCents());

document.getElementById("pay").addEventListener("click", () => {
  if (!quoted) return;
  location.assign("/shop/thanks/");
});
