// Changes a text and answers the milliseconds until the next frame: the least that any answer on the page takes.
const [text, done] = arguments;
const started = performance.now();
document.title = text;
requestAnimationFrame(() => done(performance.now() - started));
