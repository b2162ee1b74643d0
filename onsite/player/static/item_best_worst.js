import { el, unwrapped } from "./dom.js";
import { find, outer, pickedIn } from "./item_parts.js";

const SIDES = ["best", "worst"];

/** The most and the least effective option: the texts once, and beside them a column of radios for either side. */
export const best_worst = {
  form: (item, { t, id, draft }) => {
    const texts = item.options.map((option, index) => el("div.pair-text", { id: `${id}-${option.id}`, style: `--row: ${index + 1}`, html: option.html }));
    const sides = SIDES.map((side) => el("fieldset.pair-side", { role: "radiogroup", "aria-required": "true", "aria-labelledby": `${id}-${side}-legend` },
      el("legend.unseen", { id: `${id}-${side}-legend` }, t(`pair.${side}`)),
      item.options.map((option, index) => el(`label.pair-pick.pair-${side}`, { style: `--row: ${index + 1}` },
        el("input.radio", { type: "radio", name: `${id}-${side}`, value: option.id, checked: draft?.[side] === option.id,
          "aria-labelledby": `${id}-${option.id} ${id}-${side}-legend` }), el("span", null, t(`pair.${side}`))))));
    const picks = () => sides.map(pickedIn);
    const check = () => {
      const [best, worst] = picks();
      return best && best === worst ? t("pair.same") : "";
    };
    return {
      node: outer(unwrapped(item.prompt), id, el("div.pairs", null, texts, sides)),
      send: t("choice.send"),
      check,
      partial: () => {
        const [best, worst] = picks();
        return (best || worst) && { best, worst };
      },
      read: () => {
        const [best, worst] = picks();
        const open = sides[best ? 1 : 0];
        const error = best && worst ? check() : t(best ? "pair.noWorst" : "pair.noBest");
        return error ? { error, at: open.querySelector(":checked") || open.querySelector("input") } : { answer: { best, worst } };
      },
    };
  },
  entries: (item) => item.options,
  lines: (item, answer, t) => SIDES.map((side) => [t(`pair.${side}`), find(item.options, answer[side])]),
};
