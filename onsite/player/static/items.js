import { CONFIDENCE } from "./record.js";
import { button, el, fold, prose } from "./dom.js";
import { group, pickedIn } from "./item_parts.js";
import { choice } from "./item_choice.js";
import { text } from "./item_text.js";
import { best_worst } from "./item_best_worst.js";
import { rating, sort } from "./item_each.js";
import { ranking } from "./item_ranking.js";
import { select } from "./item_select.js";

/**
 * How an item looks, one entry per kind; what an answer means is in kinds.js.
 * - form(item, {t, id, state, draft, onDraft(), announce(text)}): {node: Element, send: the button's text, read(): {answer} or
 *   {error, at: the control to go to}, partial(): the answer so far or a falsy value, update?(state): the story's clock
 *   has changed it, check?(input): after a change, a sentence about what cannot be so}; `draft` is an earlier partial().
 *   A text form has box and put(text) in place of partial.
 * - told(item, answer, {short, t}): what the person did, as a node; `short` may cut it
 * - coaching(item, answer), others(item, answer, state), review(item, answer, {t}): for the looking back
 * A kind whose answer says something about each of several entries has in place of these
 * - entries(item), and lines(item, answer, t): [what was said of it, entry] in the order to tell
 */
const ITEMS = { choice, text, best_worst, rating, sort, ranking, select };

const readDraft = (draft) => {
  try {
    return JSON.parse(draft) || {};
  } catch {
    return {};
  }
};

/**
 * The form of an item, with the question how sure one is where the item asks it. `tools` as above, but for `draft`:
 * the text kept in the record; and onsubmit(event).
 * @returns {object} node: the form element; update, put as above; draft(): the text to keep in the record;
 *   read(): {answer, confidence} or {error, at}; complain(error, at): says it beside that control and goes there
 */
export function itemForm(item, { draft, onsubmit, ...tools }) {
  const { t, id, onDraft, announce } = tools;
  const plain = item.kind === "text";
  const kept = plain ? { answer: draft } : readDraft(draft);
  const form = ITEMS[item.kind].form(item, { ...tools, draft: kept.answer });
  const sure = item.confidence && group({ name: `${id}-sure`, legend: t("confidence.ask"), look: "pill", picked: [kept.confidence],
    entries: CONFIDENCE.map((level) => ({ id: level, label: t(`confidence.${level}`) })), about: `${id}-why` });
  const confidence = () => (sure ? pickedIn(sure) : undefined);
  const note = el("p.error", { id: `${id}-error`, hook: "error", hidden: true });
  let unmark = () => {};

  /** Says `text` at the end of `place`; `node` is the control or group that it is about. */
  const say = (text, place, node) => {
    note.hidden = !text;
    note.textContent = text;
    unmark();
    place.append(note);
    if (!node) return;
    const about = node.getAttribute("aria-describedby") || "";
    node.setAttribute("aria-describedby", `${about} ${note.id}`.trim());
    if (node.matches("textarea, [role=radiogroup]")) node.setAttribute("aria-invalid", "true");
    unmark = () => {
      node.setAttribute("aria-describedby", about);
      node.removeAttribute("aria-invalid");
      unmark = () => {};
    };
  };
  const oninput = ({ target }) => {
    const wrong = form.check?.(target) || "";
    say(wrong, form.node);
    if (wrong) announce(wrong);
    onDraft();
  };
  return {
    update: form.update,
    put: form.put,
    node: el("form.item", { hook: "item", novalidate: true, onsubmit, oninput }, form.node,
      sure && el("div.sure", null, sure, el("p.guide", { id: `${id}-why` }, t("confidence.note"))), button(form.send, "decide", null, "primary")),
    draft: () => {
      if (plain) return form.box.value;
      const answer = form.partial() || undefined;
      return answer || confidence() ? JSON.stringify({ answer, confidence: confidence() }) : "";
    },
    read: () => {
      const got = form.read();
      if (got.error || !sure || confidence()) return { ...got, confidence: confidence() };
      return { error: t("confidence.none"), at: sure.querySelector("input") };
    },
    complain: (error, at) => {
      const beside = at.closest("fieldset") || form.node;
      say(error, beside, at.closest("fieldset") || at);
      at.focus();
    },
  };
}

/** What the person did, as a node: cut short, or in full with the coaching of each entry. */
export function told(item, answer, { short, t }) {
  const { lines, ...kind } = ITEMS[item.kind];
  if (!lines) return kind.told(item, answer, { short, t });
  return el(`ul.told.told-${item.kind}`, null, lines(item, answer, t).map(([said, entry]) => el("li", null, said && el("span.mark", null, said),
    el("div.told-text", null, prose(entry.html), !short && prose(entry.coaching, "quiet")))));
}

/** Nodes for the looking back; `state` is that in which the answer was given. */
export function review(item, answer, { t, state }) {
  const kind = ITEMS[item.kind];
  const html = kind.coaching ? kind.coaching(item, answer) : item.coaching;
  const said = kind.lines?.(item, answer, t).map(([, entry]) => entry);
  const others = (said ? kind.entries(item).filter((entry) => !said.includes(entry)) : kind.others?.(item, answer, state) || [])
    .filter((entry) => entry.coaching);
  return [
    kind.review?.(item, answer, { t }),
    html && el("div.coaching", null, el("p.label", null, t("review.coaching")), prose(html)),
    others.length > 0 && fold(t("review.others"), () => el("ul.others", null,
      others.map((entry) => el("li", null, prose(entry.html, "other-option"), prose(entry.coaching))))),
  ];
}
