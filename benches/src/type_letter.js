const [text, done] = arguments;
const input = document.querySelector(".task-panel .picker input");
const counted = () => document.querySelector(".picker-foot")?.textContent;
const before = counted();
const started = performance.now();
input.focus();
Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(input, text);
input.dispatchEvent(new InputEvent("input", { bubbles: true }));
const look = () => {
  const now = counted();
  if (now && now !== before) requestAnimationFrame(() => done(performance.now() - started));
  else requestAnimationFrame(look);
};
look();
