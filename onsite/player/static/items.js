import { holds } from "./conditions.js";
import { ANSWER_CHARS, countChars } from "./record.js";
import { el, fold, prose, unwrapped } from "./dom.js";

const WORDS_IN_SHORT = 40;
const PAUSE_MS = 1500;

const wordsOf = (text) => text.trim().split(/\s+/).filter(Boolean);
const chosen = (item, answer) => item.options.find((option) => option.id === answer);

const choiceForm = (item, { t, id, state }) => {
  const rows = item.options.filter((option) => holds(option.when, state)).map((option) => el("label.option", null,
    el("input.radio", { type: "radio", name: id, value: option.id }), el("span.option-text", { html: unwrapped(option.html) })));
  const node = el("fieldset.group", { role: "radiogroup", "aria-labelledby": `${id}-prompt`, "aria-required": "true" },
    el("legend.prompt", { id: `${id}-prompt`, html: unwrapped(item.prompt) }), rows);
  return {
    node,
    marked: node,
    send: t("choice.send"),
    focus: () => rows[0].firstChild.focus(),
    read: () => {
      const picked = node.querySelector(":checked");
      return picked ? { answer: picked.value } : { error: t("choice.none") };
    },
  };
};

const textForm = (item, { t, id, draft, onDraft, announce }) => {
  const { min = 0, max = 0 } = item.words || {};
  const box = el("textarea.textarea", { id, rows: 9, hook: "text", "aria-describedby": `${id}-guide` });
  const count = el("p.count", { hook: "count" });
  let heard = "";
  let timer = 0;
  const tooLong = () => {
    const chars = countChars(box.value);
    return chars > ANSWER_CHARS && t("text.tooLong", { chars, limit: ANSWER_CHARS, over: chars - ANSWER_CHARS });
  };
  // Screen readers hear the count when writing pauses and has crossed a line of the guidance, not at each key.
  const recount = (aloud) => {
    const words = wordsOf(box.value).length;
    const over = tooLong();
    const stage = over ? "over" : max && words > max ? "long" : words >= (min || 1) ? "fits" : "short";
    count.textContent = over || t(words === 1 ? "text.countOne" : "text.count", { count: words });
    count.classList.toggle("onsite-count-over", over);
    clearTimeout(timer);
    if (!aloud) heard = stage;
    else if (stage !== heard) {
      timer = setTimeout(() => {
        heard = stage;
        announce(count.textContent);
      }, PAUSE_MS);
    }
  };
  const put = (text) => {
    box.value = text;
    recount(false);
  };
  box.addEventListener("input", () => {
    recount(true);
    onDraft(box.value);
  });
  put(draft || "");
  return {
    node: el("div.group", null, el("label.prompt", { for: id, html: unwrapped(item.prompt) }),
      el("p.guide", { id: `${id}-guide` }, t(max ? (min ? "text.between" : "text.upTo") : min ? "text.atLeast" : "text.free", { min, max })),
      box, count),
    marked: box,
    send: t("text.send"),
    focus: () => box.focus(),
    put,
    read: () => {
      const error = tooLong() || (box.value.trim() ? "" : t("text.none"));
      return error ? { error } : { answer: box.value };
    },
  };
};

const coaching = (html, t) => html && el("div.coaching", null, el("p.label", null, t("review.coaching")), prose(html));

const choiceReview = (item, answer, { t, state }) => {
  const others = item.options.filter((option) => option.id !== answer && option.coaching && holds(option.when, state));
  return [coaching(chosen(item, answer).coaching, t), others.length > 0 && fold(t("review.others"), () => el("ul.others", null,
    others.map((option) => el("li", null, prose(option.html, "other-option"), prose(option.coaching)))))];
};

const textReview = (item, answer, { t }) => [
  item.rubric && el("fieldset.group.rubric", null, el("legend.label", null, t("review.rubric")), item.rubric.map((html) => el("label.check", null,
    el("input.checkbox", { type: "checkbox" }), el("span", { html: unwrapped(html) })))),
  item.model && fold(t("review.model"), () => prose(item.model)),
  coaching(item.coaching, t),
];

/**
 * How an item looks, one entry per kind; what an answer means is in kinds.js.
 * - form(item, {t, id, state, draft, onDraft(text), announce(text)}): {node, marked: the element an error belongs to,
 *   send: the button's text, focus(), read(): {answer} or {error}, put?(text): shows a draft from elsewhere}
 * - told(item, answer, short): what the person did, as a node; `short` may cut it
 * - review(item, answer, {t, state}): nodes for the looking back; `state` is that before the answer
 */
export const ITEMS = {
  choice: { form: choiceForm, review: choiceReview, told: (item, answer) => prose(chosen(item, answer).html, "did") },
  text: {
    form: textForm,
    review: textReview,
    told: (item, answer, short) => {
      const words = wordsOf(answer);
      const cut = short && words.length > WORDS_IN_SHORT;
      return el("p.did.own", null, cut ? `${words.slice(0, WORDS_IN_SHORT).join(" ")} \u2026` : answer);
    },
  },
};
