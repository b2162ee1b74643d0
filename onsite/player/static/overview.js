import { el } from "./dom.js";
import { attempts } from "./record.js";
import { keptRecord, wasEnded } from "./kept.js";

/** "done", "begun" or "" for one entry: a page is done when all its items were answered, a scenario at an ending. */
const stateOf = (entry) => {
  const keys = entry.dataset.keys.split(" ").filter(Boolean);
  const answered = keys.filter((key) => attempts(keptRecord(key)).length > 0);
  if (!answered.length) return "";
  if (entry.dataset.kind === "scenario") return keys.some(wasEnded) ? "done" : "begun";
  return answered.length === keys.length ? "done" : "begun";
};

/** Says beside each entry of the course's table whether it was done, and above it how much is left. */
export function overview(root, t) {
  const show = () => {
    const entries = [...root.querySelectorAll("[data-keys]")];
    let minutes = 0;
    let done = 0;
    for (const entry of entries) {
      const state = stateOf(entry);
      entry.dataset.state = state;
      entry.querySelector(".onsite-state").textContent = state && t(`overview.${state}`);
      if (state === "done") done += 1;
      else minutes += Number(entry.dataset.minutes);
    }
    for (const group of root.querySelectorAll("[data-module]")) {
      const own = [...group.querySelectorAll("[data-keys]")];
      const met = own.filter((entry) => entry.dataset.state === "done").length;
      group.querySelector(".onsite-module-state").textContent = met ? t("overview.of", { done: met, all: own.length }) : "";
    }
    const line = root.querySelector(".onsite-overview-line");
    const left = minutes < 90 ? t("overview.minutes", { minutes }) : t("overview.hours", { hours: Math.round(minutes / 30) / 2 });
    line.replaceChildren(done ? t("overview.line", { done, all: entries.length, left }) : "");
    const next = entries.find((entry) => entry.dataset.state === "begun") || (done && entries.find((entry) => !entry.dataset.state));
    if (next) {
      const link = next.querySelector("a");
      line.append(" ", el("a", { href: link.getAttribute("href") }, t("overview.next", { title: link.textContent })));
    }
  };
  show();
  addEventListener("storage", show);
  addEventListener("pageshow", show);
  root.dataset.onsiteReady = "true";
}
