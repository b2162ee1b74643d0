// The limits are those of Python's record.py.
const RECORD_BYTES = 256000;
export const ANSWER_CHARS = 8000;
export const DRAFT_CHARS = 2 * ANSWER_CHARS;
const RECORD_DEPTH = 8;

/** A random UUID. crypto.randomUUID is missing on plain http, as in a workshop on a local network. */
export function freshId() {
  const digit = (d) => (d ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (d / 4)))).toString(16);
  return "10000000-1000-4000-8000-100000000000".replace(/[018]/g, digit);
}

/** Time now as in the record: UTC, whole seconds. */
export function stamp() {
  return new Date().toISOString().replace(/\.\d+/, "");
}

/** Length in characters as Python counts them, so that both sides agree on the limit. */
export function countChars(text) {
  return Array.from(text).length;
}

/** An empty record for this scenario. */
export function newRecord(scenario) {
  return { format: 1, scenario, id: freshId(), learner: "", events: [], drafts: {} };
}

/** How sure a person can say to be of an answer. */
export const CONFIDENCE = ["low", "middle", "high"];

/**
 * A copy of the record with one more answer, which tells `confidence` and `ticks` only where there are any; opens an attempt first when `fresh` or when none is open.
 * The scene's draft is dropped: it has become the answer.
 */
export function withAnswer(record, { scene, answer, confidence, ticks, version, fresh, at = stamp() }) {
  const start = fresh || !record.events.length ? [{ type: "start", version, at }] : [];
  const { [scene]: sent, ...drafts } = record.drafts;
  const event = { type: "answer", scene, answer, ...(confidence && { confidence }), ...(ticks && { ticks }), at };
  return { ...record, drafts, events: [...record.events, ...start, event] };
}

/** A copy of the record with the draft of a scene; a blank draft is dropped. */
export function withDraft(record, scene, text) {
  const { [scene]: old, ...drafts } = record.drafts;
  return { ...record, drafts: text.trim() ? { ...drafts, [scene]: text } : drafts };
}

/** The attempts of a record, oldest first: {version, at, answers: answer events}. */
export function attempts(record) {
  const found = [];
  for (const event of record.events) {
    if (event.type === "start") found.push({ version: event.version, at: event.at, answers: [] });
    else found.at(-1).answers.push(event);
  }
  return found;
}

/** Deep equality of JSON values; the order of keys does not matter (Python may have written them). */
export function sameJson(a, b) {
  if (a === b) return true;
  if (!a || !b || typeof a !== "object" || typeof b !== "object" || Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && sameJson(a[key], b[key]));
}

/** Whether every event of `older` is, in place, in `newer`: saving `newer` over `older` then loses nothing. */
export function continuesRecord(newer, older) {
  if (!older || !older.events.length) return true;
  return newer.id === older.id && older.events.length <= newer.events.length
    && older.events.every((event, index) => sameJson(event, newer.events[index]));
}

const isNest = (value) => value !== null && typeof value === "object";
const tooDeep = (value) => {
  let level = [value].filter(isNest);
  for (let depth = 1; level.length; depth += 1) {
    if (depth > RECORD_DEPTH) return true;
    level = level.flatMap(Object.values).filter(isNest);
  }
  return false;
};

const isText = (value) => typeof value === "string";
/** Whether a JSON value is an object, neither null nor a list. */
export const isPlain = (value) => isNest(value) && !Array.isArray(value);
const isEvent = (event, index) => isPlain(event) && isText(event.at ?? "") && (event.type === "start"
  ? Number.isInteger(event.version)
  : event.type === "answer" && index > 0 && isText(event.scene) && event.answer !== undefined
    && CONFIDENCE.includes(event.confidence ?? "low") && Number.isInteger(event.ticks ?? 0));

/**
 * What is wrong with a loaded value as a record of this scenario, or null.
 * @returns {?("damaged"|"foreign"|"format")} foreign: of another scenario; format: of another version of the format.
 */
export function recordFault(value, scenario) {
  if (!isPlain(value) || tooDeep(value)) return "damaged";
  if (value.format !== 1) return Number.isInteger(value.format) ? "format" : "damaged";
  if (!isText(value.scenario) || !/^[A-Za-z0-9-]{8,64}$/.test(value.id) || !isText(value.learner)) return "damaged";
  if (!Array.isArray(value.events) || !value.events.every(isEvent)) return "damaged";
  if (!isPlain(value.drafts) || !Object.values(value.drafts).every(isText)) return "damaged";
  return value.scenario === scenario ? null : "foreign";
}

const countBytes = (text) => new TextEncoder().encode(text).length;

/** Whether the record is over the limit as Python would write it, one indented line per value. */
export function tooBig(record) {
  return countBytes(JSON.stringify(record, null, 1)) >= RECORD_BYTES;
}

/** Reads a stored text: {record, fault}, one of them null; fault also "too-big". Never throws. */
export function parseRecord(text, scenario) {
  if (countBytes(text) > RECORD_BYTES) return { record: null, fault: "too-big" };
  try {
    const record = JSON.parse(text);
    const fault = recordFault(record, scenario);
    return { record: fault ? null : record, fault };
  } catch {
    return { record: null, fault: "damaged" };
  }
}
