import { button, downloadText, el } from "./dom.js";
import { recordFault } from "./record.js";
import { allKept, keptRecord } from "./kept.js";
import { pageStore } from "./page_store.js";
import { NOTE } from "./assignment_note.js";

const FILE = "onsite-my-course.json";
const MOST_BYTES = 20000000;

/** All notes of the course in one place, and everything this browser keeps as one file, to take away or to bring back. */
export function keepsakes(root, t) {
  const said = el("p", { role: "status", hook: "said" });
  const show = () => root.querySelectorAll("[data-note]").forEach((place) => {
    const text = keptRecord(place.dataset.note).drafts[NOTE] || "";
    place.textContent = text || t("keep.none");
    place.classList.toggle("onsite-quiet", !text);
  });

  const takeAway = () => {
    const records = allKept();
    downloadText(FILE, `${JSON.stringify({ format: 1, records }, null, 1)}\n`);
    said.textContent = t("keep.taken", { count: records.length });
  };

  /** Puts back each record that goes on from what stands here, and leaves the others alone. */
  const bringBack = async (file) => {
    let records = null;
    try {
      const data = file.size < MOST_BYTES && JSON.parse(await file.text());
      records = data.events ? [data] : data.records; // one scenario's own copy will do as well
    } catch { /* not JSON: said below */ }
    if (!Array.isArray(records) || records.some((record) => recordFault(record, record?.scenario))) {
      said.textContent = t("keep.unreadable");
      return;
    }
    let [back, left] = [0, 0];
    for (const record of records) {
      const standing = keptRecord(record.scenario);
      const note = standing.drafts[NOTE];
      const { ok } = note && note !== record.drafts[NOTE] ? { ok: false } : await pageStore(record.scenario).save(record);
      if (ok) back += 1;
      else left += 1;
    }
    said.textContent = t(left ? "keep.partly" : "keep.back", { back, left });
    show();
  };

  const input = el("input.unseen", { type: "file", accept: ".json,application/json", tabindex: -1, "aria-hidden": "true",
    onchange: ({ target }) => {
      if (target.files[0]) bringBack(target.files[0]);
      target.value = "";
    } });
  const stage = el("div.stage", null, el("div.actions", null, button(t("keep.take"), "take", takeAway, "primary"),
    button(t("keep.bring"), "bring", () => input.click()), button(t("keep.print"), "print", () => print()), input), said);
  stage.classList.add("onsite");
  root.prepend(stage);
  show();
  addEventListener("storage", show);
  root.dataset.onsiteReady = "true";
}
