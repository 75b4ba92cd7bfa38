// The search. Bug, on purpose: the index is never loaded, so that every search throws.
let index;

document.getElementById("search").addEventListener("submit", (event) => {
  event.preventDefault();
  const found = index.lookup(document.getElementById("query").value);
  for (const card of document.querySelectorAll("#products > li")) card.hidden = !found.has(card);
});
