// A list of 300 prices. Twenty times a second, every twentieth of them changes, so that each row does once a second.
const ROWS = 300;
const EVERY_MS = 50;
const STEPS = 1000 / EVERY_MS;

const rows = document.querySelector('#rows');
rows.innerHTML = Array.from(
  { length: ROWS },
  (_, n) =>
    `<div class="row"><span>Lamp</span> <b>0</b> <button type="button" data-testid="row-${n % 100}">Add</button></div>`,
).join('');
const prices = rows.querySelectorAll('b');

let step = 0;
setInterval(() => {
  for (let n = step % STEPS; n < ROWS; n += STEPS) prices[n].textContent = `${(step * 7 + n) % 997}`;
  step++;
}, EVERY_MS);

/** Marks a listener as the app's own, and keeps account of its time. */
function ofTheApp(handle) {
  const listener = (event) => {
    const began = performance.now();
    handle(event);
    bench.appMs += performance.now() - began;
  };
  return Object.assign(listener, { ofTheApp: true });
}

// Every other button answers.
rows.addEventListener(
  'click',
  ofTheApp(({ target }) => {
    const button = target.closest('button');
    if (button && [...rows.children].indexOf(button.parentElement) % 2) button.textContent = 'Added';
  }),
);
document.querySelector('#query').addEventListener(
  'input',
  ofTheApp(({ target }) => {
    document.querySelector('#found').textContent = `${target.value.length % 7} found`;
  }),
);
document.querySelector('#search').addEventListener(
  'submit',
  ofTheApp((event) => event.preventDefault()),
);
