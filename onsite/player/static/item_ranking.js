import { el, unwrapped } from "./dom.js";
import { find, outer } from "./item_parts.js";

/** An order of all options, by buttons that move one up or down. */
export const ranking = {
  form: (item, { t, id, draft, announce, onDraft }) => {
    const kept = Array.isArray(draft) && draft.length === item.options.length && item.options.every((option) => draft.includes(option.id));
    const list = el("ol.ranks");
    const rows = () => [...list.children];
    let moved = kept;
    const move = (row, step) => {
      const other = step < 0 ? row.previousSibling : row.nextSibling;
      // The neighbour moves, so that the focus stays where it is.
      if (other) row[step < 0 ? "after" : "before"](other);
      moved = true;
      show();
      announce(t("ranking.moved", { place: rows().indexOf(row) + 1, of: rows().length }));
      onDraft();
    };
    const mover = (row, text, step) => {
      const key = step < 0 ? "ranking.up" : "ranking.down";
      return el("button.button.move", { type: "button", "aria-label": t(`${key}Label`, { text }), onclick: () => move(row, step) },
        el("span", { "aria-hidden": "true" }, step < 0 ? "\u2191" : "\u2193"), t(key));
    };
    const show = () => rows().forEach((row, index) => {
      row.firstChild.textContent = `${index + 1}`;
      const [up, down] = row.querySelectorAll("button");
      up.setAttribute("aria-disabled", index === 0);
      down.setAttribute("aria-disabled", index === rows().length - 1);
    });
    for (const option of kept ? draft.map((entry) => find(item.options, entry)) : item.options) {
      const text = el("div.rank-text", { html: option.html });
      const row = el("li.rank", { "data-entry": option.id }, el("span.mark"), text);
      row.append(el("div.moves", null, mover(row, text.textContent, -1), mover(row, text.textContent, 1)));
      list.append(row);
    }
    show();
    const answer = () => rows().map((row) => row.dataset.entry);
    return {
      node: outer(unwrapped(item.prompt), id, el("p.guide", null, t("ranking.guide")), list),
      send: t("ranking.send"),
      partial: () => moved && answer(),
      read: () => ({ answer: answer() }),
    };
  },
  entries: (item) => item.options,
  lines: (item, answer) => answer.map((id, index) => [`${index + 1}`, find(item.options, id)]),
};
