// Runs before the contender: measures every listener on the page, and the long tasks.
window.bench = { handlerMs: [], longTasks: 0, initMs: 0, appMs: 0 };

const add = EventTarget.prototype.addEventListener;
const remove = EventTarget.prototype.removeEventListener;
/** The timed listener of each listener. */
const timed = new WeakMap();

/** The same listener, which tells how long it took, without the part of the app's own listeners that it may wrap. */
function time(listener) {
  if (!listener || !/^(function|object)$/.test(typeof listener) || listener.ofTheApp) return listener;
  if (!timed.has(listener))
    timed.set(listener, function (...args) {
      const app = bench.appMs;
      const began = performance.now();
      try {
        return typeof listener === 'function' ? listener.apply(this, args) : listener.handleEvent(...args);
      } finally {
        bench.handlerMs.push(performance.now() - began - (bench.appMs - app));
      }
    });
  return timed.get(listener);
}

EventTarget.prototype.addEventListener = function (type, listener, options) {
  return add.call(this, type, time(listener), options);
};
EventTarget.prototype.removeEventListener = function (type, listener, options) {
  return remove.call(this, type, time(listener), options);
};

new PerformanceObserver((list) => {
  bench.longTasks += list.getEntries().length;
}).observe({ type: 'longtask', buffered: true });
