import { durableCopies } from "./durable.js";
import { continuesRecord, parseRecord, recordFault, stamp, tooBig } from "./record.js";

/**
 * Keeps the record in this browser's localStorage. Reading, checking and writing happen in one go, synchronously, at
 * the click: a page closed right after it has lost nothing. (A Web Lock could only be had later.) Should two tabs
 * write within the same few milliseconds, the `storage` event shows the loser what stands, and its player follows.
 * A save is reported only when a durable copy is on the disk as well; where localStorage comes back without answers
 * that were saved, as after a crash, the copy brings them back.
 */
export function pageStore(scenario) {
  const key = `onsite:${scenario}`;
  const copies = durableCopies();
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

  const copy = async (record) => {
    let stood = null;
    try {
      stood = await copies.put(key, record, (copied) => recordFault(copied, scenario) || continuesRecord(record, copied));
    } catch { /* no database here: localStorage alone has to do */ }
    if (!stood) return { ok: true };
    // Answers saved before a crash that the present ones do not continue: nothing of either is dropped.
    keepAside(localStorage.getItem(key));
    localStorage.setItem(key, JSON.stringify(stood));
    return { ok: false, reason: "newer", record: stood };
  };

  /** The durable copy, when it goes on from what localStorage holds. */
  const recovered = async () => {
    const copied = await copies.get(key);
    if (!copied || recordFault(copied, scenario)) return null;
    const { record } = read();
    if (record && (continuesRecord(record, copied) || !continuesRecord(copied, record))) return null;
    localStorage.setItem(key, JSON.stringify(copied));
    return copied;
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
        return await copy(record);
      } catch (error) {
        return { ok: false, reason: /quota/i.test(error?.name) ? "full" : "refused" };
      }
    },
    /** Notes for the course's overview that an ending was reached. */
    ended: () => {
      try {
        localStorage.setItem(`${key}:ended`, stamp());
      } catch { /* the overview does without */ }
    },
    subscribe: (callback) => {
      const heard = (event) => {
        const { record } = event.key === key ? parseRecord(localStorage.getItem(key) || "", scenario) : {};
        if (record) callback(record, true);
      };
      addEventListener("storage", heard);
      recovered().then((record) => record && callback(record, true, "recovered")).catch(() => {});
      return () => removeEventListener("storage", heard);
    },
  };
}
