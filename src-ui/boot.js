// Loads the application. A page that cannot load says so instead of staying white.
import init from "./app.js";

try {
  await init({ module_or_path: new URL("./app_bg.wasm", import.meta.url) });
} catch (error) {
  const words = document.createElement("p");
  words.setAttribute("role", "alert");
  words.className = "boot-failure";
  words.textContent = `The window could not be loaded. Restart Patchbay; if that does not help, install it anew. (${error})`;
  document.body.append(words);
}
