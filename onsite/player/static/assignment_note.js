import { DRAFT_CHARS, countChars, freshId, newRecord, withDraft } from "./record.js";
import { el } from "./dom.js";
import { pageStore } from "./page_store.js";
import { savedLine } from "./saved_line.js";

const NOTE_PAUSE_MS = 400;
export const NOTE = "note";

/** A note for one's own assignment inside `root`, kept in this browser under data-key. */
export function assignmentNote(root, t) {
  const key = root.dataset.key;
  const store = pageStore(key);
  const prompt = root.querySelector(".onsite-note-prompt");
  prompt.id ||= `onsite-${freshId()}`;
  const box = el("textarea.textarea", { rows: 5, hook: "note", "aria-labelledby": prompt.id });
  const saved = savedLine(t, () => record);
  const other = el("div.other", { role: "status" });
  const stage = el("div.stage", null, box, other, saved.node, el("p.quiet", null, t("note.private")));
  stage.classList.add("onsite");
  let record = newRecord(key);
  let timer = 0;

  const save = async () => {
    clearTimeout(timer);
    timer = 0;
    if (countChars(box.value) > DRAFT_CHARS) {
      saved.show({ ok: false, reason: "too-long" });
      return;
    }
    record = withDraft(record, NOTE, box.value);
    saved.show(await store.save(record));
  };
  const flush = () => timer && save();
  box.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(save, NOTE_PAUSE_MS);
  });
  box.addEventListener("blur", flush);
  addEventListener("pagehide", flush);
  document.addEventListener("visibilitychange", () => document.hidden && flush());

  const heard = (stored) => {
    const text = stored.drafts[NOTE] || "";
    if (text === box.value) return;
    if (!timer) {
      record = stored;
      box.value = text;
    } else other.replaceChildren(el("p.label", null, t("note.elsewhere")), el("blockquote.own", null, text));
  };

  root.append(stage);
  root.classList.add("onsite-is-live");
  store.load().then(({ record: found, problem }) => {
    record = found || record;
    box.value = record.drafts[NOTE] || "";
    if (problem?.kind === "refused") saved.show({ ok: false, reason: "refused" });
    store.subscribe(heard);
    root.dataset.onsiteReady = "true";
  });
}
