// Notes when a row with this text has been drawn. arguments: the text.
const [text] = arguments;
window.patchbayRow = null;
const observer = new MutationObserver(() => {
  const grid = document.querySelector("[role=grid]");
  if (!grid?.textContent.includes(text)) return;
  observer.disconnect();
  requestAnimationFrame(() => {
    window.patchbayRow = performance.timeOrigin + performance.now();
  });
});
observer.observe(document.body, { subtree: true, childList: true, characterData: true });
