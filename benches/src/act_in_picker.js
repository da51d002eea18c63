// Opens the picker of the open task, or types a text into it; answers the milliseconds until the frame after what is
// found is on the page.
const [text, done] = arguments;
const input = document.querySelector(".task-panel .picker input");
const found = () => document.querySelector(".picker-foot")?.textContent;
const before = found();
const started = performance.now();
if (text === null) {
  input.click();
} else {
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(input, text);
  input.dispatchEvent(new InputEvent("input", { bubbles: true }));
}
const drawn = () => requestAnimationFrame(() => done(performance.now() - started));
const watch = new MutationObserver(() => {
  const now = found();
  if (now && now !== before && document.querySelector(".picker-row")) {
    watch.disconnect();
    drawn();
  }
});
watch.observe(document.body, { subtree: true, childList: true, characterData: true });
