// Finds an element by accessible role and name, the way people and assistive programs do. What a page hides
// from those is not found; while a modal dialog is open, only what is in it.
// arguments: role, name, how ("exact" | "contains"); returns the first element, or null.
const [role, name, how] = arguments;

const implied = {
  button: "button, summary, input[type=submit], input[type=button]",
  link: "a[href]",
  textbox: "input:not([type]), input[type=text], input[type=url], input[type=email], input[type=password], textarea",
  searchbox: "input[type=search]",
  combobox: "select",
  checkbox: "input[type=checkbox]",
  radio: "input[type=radio]",
  heading: "h1, h2, h3, h4, h5, h6",
  row: "tr",
  dialog: "dialog",
  status: "output",
  main: "main",
  listitem: "li",
};

const tidy = (text) => (text ?? "").replace(/\s+/g, " ").trim();

function textOf(node) {
  if (node.nodeType === Node.TEXT_NODE) return node.data;
  if (node.nodeType !== Node.ELEMENT_NODE) return "";
  if (node.getAttribute("aria-hidden") === "true" || node.hidden) return "";
  const label = node.getAttribute("aria-label");
  if (label) return label;
  if (node.tagName === "IMG") return node.alt;
  const text = [...node.childNodes].map(textOf).join("");
  return getComputedStyle(node).display.startsWith("inline") ? text : ` ${text} `;
}

function nameOf(element) {
  const by = element.getAttribute("aria-labelledby");
  if (by) return tidy(by.split(/\s+/).map((id) => document.getElementById(id)).filter(Boolean).map(textOf).join(" "));
  const own = element.getAttribute("aria-label");
  if (own) return tidy(own);
  if (element.labels?.length) return tidy([...element.labels].map(textOf).join(" "));
  return tidy(textOf(element)) || tidy(element.title);
}

const modal = [...document.querySelectorAll("dialog:modal, [aria-modal=true]")].filter((it) => it.checkVisibility()).at(-1);
const inModal = (element) => !modal || modal === element || modal.contains(element);
const implicit = implied[role] ? `:is(${implied[role]}):not([role])` : null;
const selector = [implicit, `[role=${role}]`].filter(Boolean).join(", ");

for (const element of document.querySelectorAll(selector)) {
  if (!inModal(element) || element.closest("[aria-hidden=true], [inert]")) continue;
  if (!element.checkVisibility({ visibilityProperty: true })) continue;
  const found = nameOf(element);
  if (how === "exact" ? found === name : found.includes(name)) return element;
}
return null;
