// Watches how long the page is busy at a time, from now on: the longest gap between two turns of a timer that is
// due every few milliseconds. Starting anew forgets what was seen before.
clearInterval(window.patchbayProbe?.timer);
const probe = { longest: 0, last: performance.now() };
probe.timer = setInterval(() => {
  const now = performance.now();
  probe.longest = Math.max(probe.longest, now - probe.last);
  probe.last = now;
}, 4);
window.patchbayProbe = probe;
