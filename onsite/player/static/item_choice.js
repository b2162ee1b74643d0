import { holds } from "./conditions.js";
import { prose, unwrapped } from "./dom.js";
import { find, group, pickedIn } from "./item_parts.js";

/** One of several options. The story's clock may bring an option or take one away. */
export const choice = {
  form: (item, { t, id, state, draft }) => {
    const node = group({ name: id, legend: unwrapped(item.prompt), picked: [draft],
      entries: item.options.map((option) => ({ id: option.id, html: unwrapped(option.html) })) });
    const inputs = [...node.querySelectorAll("input")];
    const update = (now) => inputs.forEach((input, index) => {
      const row = input.parentNode;
      row.hidden = !holds(item.options[index].when, now);
      if (!row.hidden) return;
      input.checked = false;
      if (input === document.activeElement) first().focus();
    });
    const first = () => inputs.find((input) => !input.parentNode.hidden);
    update(state);
    return {
      node,
      update,
      send: t("choice.send"),
      partial: () => pickedIn(node),
      read: () => {
        const answer = pickedIn(node);
        return answer ? { answer } : { error: t("choice.none"), at: first() };
      },
    };
  },
  told: (item, answer) => prose(find(item.options, answer).html, "did"),
  coaching: (item, answer) => find(item.options, answer).coaching,
  others: (item, answer, state) => item.options.filter((option) => option.id !== answer && holds(option.when, state)),
};
