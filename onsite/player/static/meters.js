import { el } from "./dom.js";

const shownMeters = (story) => Object.entries(story.state).filter(([, meter]) => meter.shown !== false);

// "%" stands close to its number; a word keeps a distance, and stays on the same line.
const unitOf = ({ unit = "" }) => unit.trim().replace(/^(?=\p{L})/u, "\u00a0");

/**
 * The bars of the shown state: {node, show(state)}. Values stand beside them in text; a bar only repeats its value.
 */
export function meterBars(story, t) {
  const rows = shownMeters(story).map(([name, meter]) => {
    const value = el("span.meter-value");
    const fill = el("span.meter-fill");
    return { node: el("li.meter", null, el("span.meter-label", null, meter.label), " ", value, el("span.meter-bar", { "aria-hidden": "true" }, fill)),
      show: (state) => {
        value.textContent = t("meters.value", { value: state[name], unit: unitOf(meter) });
        fill.style.transform = `scaleX(${(state[name] - meter.min) / (meter.max - meter.min)})`;
      } };
  });
  return { node: rows.length > 0 && el("ul.meters", { hook: "meters", "aria-label": t("meters.label") }, rows.map((row) => row.node)),
    show: (state) => rows.forEach((row) => row.show(state)) };
}

/** What an answer changed, in words: [{text, rose, look}], `look` being "good" or "bad". */
export function meterChanges(story, before, after, t) {
  return shownMeters(story).filter(([name]) => before[name] !== after[name]).map(([name, meter]) => {
    const rose = after[name] > before[name];
    const values = { label: meter.label, before: before[name], after: after[name], unit: unitOf(meter) };
    return { text: t(rose ? "meters.rose" : "meters.fell", values), rose, look: rose === (meter.better !== "lower") ? "good" : "bad" };
  });
}

/** Those changes as a list, or false when there are none. */
export function changeList(changes) {
  return changes.length > 0 && el("ul.changes", null, changes.map(({ text, rose, look }) => el("li.change", null,
    el(`span.change-mark.change-${look}`, { "aria-hidden": "true" }, rose ? "\u2191" : "\u2193"), text)));
}
