import { el, unwrapped } from "./dom.js";
import { group } from "./item_parts.js";

/** A given number of options; one more is refused, and says why. */
export const select = {
  form: (item, { t, id, draft }) => {
    const most = item.choose;
    const node = group({ name: id, legend: unwrapped(item.prompt), type: "checkbox", about: `${id}-guide`,
      entries: item.options.map((option) => ({ id: option.id, html: unwrapped(option.html) })),
      picked: Array.isArray(draft) ? draft.slice(0, most) : [] });
    const count = el("p.guide", { id: `${id}-guide`, hook: "count" });
    node.firstChild.after(count);
    const picks = () => [...node.querySelectorAll(":checked")].map((input) => input.value);
    const show = () => { count.textContent = t("select.count", { chosen: picks().length, choose: most }); };
    show();
    return {
      node,
      send: t("choice.send"),
      check: (target) => {
        const over = picks().length > most && target.name === id;
        if (over) target.checked = false;
        show();
        return over ? t("select.over", { choose: most }) : "";
      },
      partial: () => picks().length && picks(),
      read: () => (picks().length === most ? { answer: picks() }
        : { error: t("select.under", { choose: most, left: most - picks().length }), at: node.querySelector("input:not(:checked)") }),
    };
  },
  entries: (item) => item.options,
  lines: (item, answer) => item.options.filter((option) => answer.includes(option.id)).map((option) => ["", option]),
};
