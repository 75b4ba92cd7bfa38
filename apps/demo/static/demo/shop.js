// On every page: the menu and the number of things in the cart.
import { showCount } from "./basket.js";

const button = document.getElementById("menu-button");
const menu = document.getElementById("menu");

button.addEventListener("click", () => {
  menu.hidden = !menu.hidden;
  button.setAttribute("aria-expanded", String(!menu.hidden));
});

showCount();
