import { outcomeFor } from "./kinds.js";
import { attempts, freshId, newRecord, withAnswer } from "./record.js";
import { itemForm, review, told } from "./items.js";
import { button, el, prose } from "./dom.js";
import { pageStore } from "./page_store.js";
import { savedLine } from "./saved_line.js";

const PLACE = "page";

/** A practice item inside `root`, which carries it as JSON and says in data-key under which name answers are kept. */
export function tryIt(root, t) {
  const item = JSON.parse(root.querySelector("script").textContent);
  const store = pageStore(root.dataset.key);
  const id = `onsite-${freshId()}`;
  const live = el("div.unseen", { "aria-live": "polite" });
  const place = el("div.practice");
  const saved = savedLine(t, () => record);
  const stage = el("div.stage", { role: "group", "aria-label": t("try.label") }, live, place, saved.node);
  stage.classList.add("onsite");
  let record = newRecord(root.dataset.key);

  const ask = () => {
    const form = itemForm(item, { t, id, state: {}, onDraft: () => {}, announce: (text) => { live.textContent = text; },
      onsubmit: (event) => {
        event.preventDefault();
        const { answer, confidence, error, at } = form.read();
        if (error) {
          form.complain(error, at);
          return;
        }
        record = withAnswer(record, { scene: PLACE, answer, confidence, version: 1, fresh: true });
        tell(answer);
        place.querySelector("[tabindex]").focus();
        store.save(record).then((outcome) => {
          if (outcome.reason === "newer") record = outcome.record;
          saved.show(outcome);
        });
      } });
    place.replaceChildren(form.node);
  };

  const tell = (answer) => {
    place.replaceChildren(
      el("div.outcome", null, el("div.deed", null, el("p.label", null, t("outcome.did")), told(item, answer, { short: true, t })),
        el("p.label", { tabindex: -1 }, t("outcome.happened")), prose(outcomeFor(item, answer, {}).consequence),
        review(item, answer, { t, state: {} })),
      el("div.actions", null, button(t("try.again"), "try-again", () => {
        ask();
        place.querySelector("input, button").focus();
      })));
  };

  const show = (found) => {
    record = found || record;
    const last = attempts(record).at(-1)?.answers[0];
    if (last && outcomeFor(item, last.answer, {})) tell(last.answer);
    else ask();
  };

  root.append(stage);
  root.classList.add("onsite-is-live");
  store.load().then(({ record: found, problem }) => {
    show(found);
    if (problem?.kind === "refused") saved.show({ ok: false, reason: "refused" });
    store.subscribe((stored) => stage.contains(document.activeElement) || show(stored));
    root.dataset.onsiteReady = "true";
  });
}
