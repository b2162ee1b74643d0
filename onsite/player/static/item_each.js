import { unwrapped } from "./dom.js";
import { find, group, outer, pickedIn } from "./item_parts.js";

/** Asks the same of each entry: one of `marks` ({id, label}[]). `read` makes a mark of its id as a string. */
const eachForm = (item, entries, marks, read, { t, id, draft }) => {
  const groups = entries.map((entry) => group({ name: `${id}-${entry.id}`, legend: unwrapped(entry.html), look: "pill", entries: marks, picked: [draft?.[entry.id]] }));
  const given = () => entries.map((entry, index) => [entry.id, pickedIn(groups[index])]).filter(([, mark]) => mark)
    .map(([entry, mark]) => [entry, read(mark)]);
  return {
    node: outer(unwrapped(item.prompt), id, groups),
    send: t("choice.send"),
    partial: () => given().length && Object.fromEntries(given()),
    read: () => {
      const left = groups.filter((node) => !pickedIn(node));
      return left.length ? { error: t(left.length === 1 ? "each.one" : "each.some", { left: left.length }), at: left[0].querySelector("input") }
        : { answer: Object.fromEntries(given()) };
    },
  };
};

const scaleOf = (item, t) => [1, 2, 3, 4, 5].map((id) => ({ id, label: item.scale ? item.scale[id - 1] : t(`rating.${id}`) }));

/** How effective each response is, from 1 to 5. */
export const rating = {
  form: (item, tools) => eachForm(item, item.responses, scaleOf(item, tools.t), Number, tools),
  entries: (item) => item.responses,
  lines: (item, answer, t) => item.responses.map((response) => [find(scaleOf(item, t), answer[response.id]).label, response]),
};

/** Each statement into one of the bins. */
export const sort = {
  form: (item, tools) => eachForm(item, item.statements, item.bins, String, tools),
  entries: (item) => item.statements,
  lines: (item, answer) => item.statements.map((statement) => [find(item.bins, answer[statement.id]).label, statement]),
};
