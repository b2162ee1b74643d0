import { el } from "./dom.js";

/** The entry with this id. */
export const find = (entries, id) => entries.find((entry) => entry.id === id);

/** The value picked among radios in `node`, or undefined. */
export const pickedIn = (node) => node.querySelector(":checked")?.value;

/**
 * A fieldset of radios or checkboxes.
 * @param {object} how name: unique in the page; legend: html; entries: {id, html or label}[]; picked: ids checked at first;
 *   type: "radio" or "checkbox"; look: "option" for rows of prose, "pill" for short labels side by side;
 *   about: id of a note that belongs to it
 */
export function group({ name, legend, entries, picked = [], type = "radio", look = "option", about }) {
  const radio = type === "radio";
  return el("fieldset.group", { role: radio && "radiogroup", "aria-required": radio && "true", "aria-labelledby": `${name}-legend`, "aria-describedby": about },
    el(look === "pill" ? "legend.statement" : "legend.prompt", { id: `${name}-legend`, html: legend }),
    el(`div.${look}s`, null, entries.map(({ id, html, label }) => el(`label.${look}`, null,
      el(`input.${type}`, { type, name, value: id, checked: picked.includes(id) }), el("span.option-text", { html }, label)))));
}

/** A fieldset around several groups, with the item's prompt. */
export function outer(prompt, id, ...content) {
  return el("fieldset.group", { "aria-labelledby": `${id}-prompt` }, el("legend.prompt", { id: `${id}-prompt`, html: prompt }), content);
}
