import { continuesRecord, parseRecord, stamp, tooBig } from "./record.js";

/**
 * Keeps the record in this browser's localStorage. Reading, checking and writing happen in one go, synchronously, at
 * the click: a page closed right after it has lost nothing. (A Web Lock could only be had later.) Should two tabs
 * write within the same few milliseconds, the `storage` event shows the loser what stands, and its player follows.
 */
export function pageStore(scenario) {
  const key = `onsite:${scenario}`;
  let blocked = false; // something unreadable lies there that could not be moved aside: never write over it

  const keepAside = (text) => {
    localStorage.removeItem(key); // first, since there may be no room for two
    try {
      localStorage.setItem(`${key}:aside:${stamp()}`, text);
    } catch {
      blocked = true;
      localStorage.setItem(key, text);
    }
  };

  /** What stands: {record, problem}. Throws when storage is refused. */
  const read = () => {
    const text = localStorage.getItem(key);
    if (text === null) return { record: null, problem: null };
    const { record, fault } = parseRecord(text, scenario);
    if (fault) keepAside(text);
    return { record, problem: fault && { kind: fault, text } };
  };

  return {
    where: "device",
    load: async () => {
      try {
        return read();
      } catch {
        return { record: null, problem: { kind: "refused" } };
      }
    },
    save: async (record) => {
      if (tooBig(record)) return { ok: false, reason: "too-big" };
      try {
        const stored = read().record;
        if (blocked) return { ok: false, reason: "full" };
        if (!continuesRecord(record, stored)) return { ok: false, reason: "newer", record: stored };
        localStorage.setItem(key, JSON.stringify(record));
        return { ok: true };
      } catch (error) {
        return { ok: false, reason: /quota/i.test(error?.name) ? "full" : "refused" };
      }
    },
    subscribe: (callback) => {
      const heard = (event) => {
        const { record } = event.key === key ? parseRecord(localStorage.getItem(key) || "", scenario) : {};
        if (record) callback(record, true);
      };
      addEventListener("storage", heard);
      return () => removeEventListener("storage", heard);
    },
  };
}
