import { continuesRecord, recordFault, sameJson, tooBig } from "./record.js";

const ANSWER_MS = 3000;
const HAND_IN_MS = 70000;

/**
 * Keeps the record in an anywidget model; Python writes it beside the notebook and says so in the trait `saved`.
 * `model` needs get, set, save_changes, on and off, which every notebook front end has.
 */
export function modelStore(model, scenario) {
  let waiting = null; // {record, timer, settle: functions}: the newest save Python has not confirmed

  const sound = (record) => (record && !recordFault(record, scenario) ? record : null);
  const covers = (record) => {
    const { count, drafts, id = record.id, problem } = model.get("saved") || {};
    return !problem && count >= record.events.length && id === record.id && sameJson(drafts || {}, record.drafts);
  };
  const finish = (outcome) => {
    clearTimeout(waiting?.timer);
    waiting?.settle.forEach((settle) => settle(outcome));
    waiting = null;
  };
  const patience = () => setTimeout(() => finish({ ok: false, reason: "offline" }), ANSWER_MS);
  const heard = () => {
    if (!waiting) return;
    const { problem } = model.get("saved") || {};
    if (problem) finish({ ok: false, reason: "problem", message: problem });
    else if (covers(waiting.record)) finish({ ok: true });
    else {
      // An older save was confirmed: Python is alive, so give the newest its full time.
      clearTimeout(waiting.timer);
      waiting.timer = patience();
    }
  };

  return {
    where: "notebook",
    load: async () => ({ record: sound(model.get("record")), problem: null }),
    save: async (record) => {
      if (tooBig(record)) return { ok: false, reason: "too-big" };
      const stored = sound(model.get("record"));
      if (!continuesRecord(record, stored)) return { ok: false, reason: "newer", record: stored };
      model.set("record", record);
      model.save_changes();
      if (covers(record)) return { ok: true };
      return new Promise((settle) => {
        waiting = { record, timer: waiting?.timer || patience(), settle: [...(waiting?.settle || []), settle] };
      });
    },
    subscribe: (callback) => {
      const changed = () => {
        heard();
        const record = sound(model.get("record"));
        if (record) callback(record, covers(record));
      };
      const names = ["change:record", "change:saved"];
      names.forEach((name) => model.on(name, changed));
      return () => names.forEach((name) => model.off(name, changed));
    },
  };
}

/** Hands in through the model: trait `hand_in_request` out, `hand_in_result` with the same number back. */
export function modelHandIn(model) {
  const handIn = (record, { learner }) => new Promise((resolve) => {
    const number = 1 + Math.max(...["hand_in_request", "hand_in_result"].map((name) => model.get(name)?.number || 0));
    const done = (result) => {
      clearTimeout(timer);
      model.off("change:hand_in_result", heard);
      resolve(result);
    };
    const heard = () => {
      const result = model.get("hand_in_result");
      if (result.number === number) done({ receipt: result.message, ...result });
    };
    const timer = setTimeout(() => done({ kind: "download", reason: "offline" }), HAND_IN_MS);
    model.on("change:hand_in_result", heard);
    model.set("hand_in_request", { number, learner });
    model.save_changes();
  });
  handIn.newTab = true;
  handIn.mode = async () => ({ mode: model.get("hand_in_mode") || "file", learner: "" });
  return handIn;
}
