import { newRecord, parseRecord } from "./record.js";

const PREFIX = "onsite:";

/** The record this browser keeps under `key`; an empty one when there is none that can be read. Only looks. */
export function keptRecord(key) {
  try {
    return parseRecord(localStorage.getItem(PREFIX + key) || "", key).record || newRecord(key);
  } catch {
    return newRecord(key);
  }
}

/** Whether an ending of that scenario was reached in this browser. */
export function wasEnded(key) {
  try {
    return localStorage.getItem(`${PREFIX}${key}:ended`) !== null;
  } catch {
    return false;
  }
}

/** Every record this browser keeps of the course. */
export function allKept() {
  try {
    return Object.keys(localStorage).filter((name) => name.startsWith(PREFIX)).map((name) => keptRecord(name.slice(PREFIX.length)))
      .filter(({ events, drafts }) => events.length || Object.keys(drafts).length).sort((a, b) => (a.scenario < b.scenario ? -1 : 1));
  } catch {
    return [];
  }
}
