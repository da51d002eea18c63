const [done] = arguments;
const link = [...document.querySelectorAll("nav a[href]")].find((it) => it.textContent.trim().startsWith("Connections"));
const started = performance.now();
link.click();
const look = () => {
  const drawn = document.querySelectorAll("[role=grid] [role=row]").length > 5 && !document.querySelector(".skeleton");
  if (drawn) requestAnimationFrame(() => done(performance.now() - started));
  else requestAnimationFrame(look);
};
look();
