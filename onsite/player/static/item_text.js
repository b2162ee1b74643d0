import { ANSWER_CHARS, countChars } from "./record.js";
import { el, fold, prose, unwrapped } from "./dom.js";

const WORDS_IN_SHORT = 40;
const PAUSE_MS = 1500;

const wordsOf = (text) => text.trim().split(/\s+/).filter(Boolean);

const textForm = (item, { t, id, draft, announce }) => {
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
  box.addEventListener("input", () => recount(true));
  put(draft || "");
  return {
    node: el("div.group", null, el("label.prompt", { for: id, html: unwrapped(item.prompt) }),
      el("p.guide", { id: `${id}-guide` }, t(max ? (min ? "text.between" : "text.upTo") : min ? "text.atLeast" : "text.free", { min, max })),
      box, count),
    box,
    send: t("text.send"),
    put,
    read: () => {
      const error = tooLong() || (box.value.trim() ? "" : t("text.none"));
      return error ? { error, at: box } : { answer: box.value };
    },
  };
};

/** Free text, with a word count and, looking back, a rubric to check it by. */
export const text = {
  form: textForm,
  told: (item, answer, { short }) => {
    const words = wordsOf(answer);
    const cut = short && words.length > WORDS_IN_SHORT;
    return el("p.did.own", null, cut ? `${words.slice(0, WORDS_IN_SHORT).join(" ")} \u2026` : answer);
  },
  review: (item, answer, { t }) => [
    item.rubric && el("fieldset.group.rubric", null, el("legend.label", null, t("review.rubric")), item.rubric.map((html) => el("label.check", null,
      el("input.checkbox", { type: "checkbox" }), el("span", { html: unwrapped(html) })))),
    item.model && fold(t("review.model"), () => prose(item.model)),
  ],
};
