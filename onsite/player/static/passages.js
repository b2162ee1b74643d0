import { holds } from "./conditions.js";
import { startState } from "./replay.js";
import { outcomeFor } from "./kinds.js";
import { told } from "./items.js";
import { el, prose } from "./dom.js";
import { changeList, meterChanges } from "./meters.js";

/** The state in which entry `index` of a replayed path begins. */
export function stateBefore(story, path, index) {
  return path.slice(0, index).findLast((entry) => entry.state)?.state || startState(story);
}

/** A name for a scene: its title, else that of its decision, else that of the story. */
export function sceneTitle(story, id) {
  const { title, item } = story.scenes[id];
  return title || story.decisions[item?.decision]?.title || story.title;
}

/** The passages of a narrative told in this state. */
export function tell(narrative, state) {
  return narrative.filter(({ when }) => holds(when, state)).map(({ html }) => prose(html));
}

/** What the person did and what came of it, for the path entry `index`, which holds an answer. */
export function outcomeOf(story, path, index, t, short) {
  const { scene, answer, confidence, before, state } = path[index];
  const { item } = story.scenes[scene];
  const waited = meterChanges(story, stateBefore(story, path, index), before, t);
  const changes = meterChanges(story, before, state, t);
  return {
    did: el("div.deed", null, el("p.label", null, t("outcome.did")), told(item, answer, { short, t }),
      confidence && el("p.quiet", null, t("confidence.said", { level: t(`confidence.${confidence}`) })),
      waited.length > 0 && el("p.quiet", null, t("clock.waited", { changes: waited.map(({ text }) => text).join("; ") }))),
    happened: [prose(outcomeFor(item, answer, before).consequence), changeList(changes)],
    spoken: changes.map(({ text }) => text).join(". "),
  };
}

/** The path before entry `end`, told in full. `level` is that of its headings. */
export function storySoFar(story, path, end, t, level) {
  return path.slice(0, end).map((entry, index) => {
    const { did, happened } = entry.state ? outcomeOf(story, path, index, t, true) : {};
    return el("section.past", null, el(`h${level}.past-title`, null, sceneTitle(story, entry.scene)),
      tell(story.scenes[entry.scene].narrative, stateBefore(story, path, index)), did, happened);
  });
}
