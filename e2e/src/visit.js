// Follows a navigation link and answers how many milliseconds passed until the page of that name had drawn its
// heading. arguments: the link's name, then the callback of an asynchronous script.
const [name, done] = arguments;
const link = [...document.querySelectorAll("nav a[href]")].find((it) => it.textContent.trim().startsWith(name));
const started = performance.now();
link.click();
const look = () => {
  const heading = document.querySelector("main h1");
  if (heading?.textContent.trim() === name) requestAnimationFrame(() => done(performance.now() - started));
  else requestAnimationFrame(look);
};
look();
