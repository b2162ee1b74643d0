/**
 * An element: el("p.quiet", {...}, ...children) has the class onsite-quiet. In `attrs`, html is trusted markup of the
 * story, hook is data-onsite, on* a listener; null and false leave an attribute out. Empty children are left out.
 */
export function el(name, attrs, ...children) {
  const [tag, ...looks] = name.split(".");
  const node = document.createElement(tag);
  if (looks.length) node.className = looks.map((look) => `onsite-${look}`).join(" ");
  for (const [key, value] of Object.entries(attrs || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "html") node.innerHTML = value;
    else if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key === "hook" ? "data-onsite" : key, value === true ? "" : value);
  }
  node.append(...children.flat(3).filter(Boolean));
  return node;
}

/** A button; `look` "primary" makes it the main one. */
export function button(text, hook, onclick, look = "plain") {
  return el(`button.button.button-${look}`, { type: onclick ? "button" : "submit", hook, onclick }, text);
}

/** A collapsed passage; `fill` makes its content when it is first opened. */
export function fold(summary, fill) {
  const node = el("details.fold", null, el("summary.summary", null, summary));
  node.addEventListener("toggle", () => {
    if (node.children.length === 1) node.append(el("div.folded", null, fill()));
  });
  return node;
}

/** A passage of the story's own markup. */
export function prose(html, look = "prose") {
  return html && el(`div.${look}`, { html });
}

/** Markup fit for a label or legend, where a paragraph is not allowed: a single paragraph is unwrapped. */
export function unwrapped(html) {
  return html.replace(/^\s*<p>((?:(?!<p>)[^])*)<\/p>\s*$/, "$1");
}

/** t(key, values): the string of that key with its {placeholders} filled; the key itself when there is none. */
export function translator(strings) {
  return (key, values = {}) => (strings[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** Hands the person a file. */
export function downloadText(name, text) {
  const link = el("a", { href: URL.createObjectURL(new Blob([text], { type: "application/json" })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
