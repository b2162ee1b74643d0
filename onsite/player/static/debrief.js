import { ITEMS } from "./items.js";
import { el, prose } from "./dom.js";
import { outcomeOf, sceneTitle, stateBefore } from "./passages.js";

/** The debrief of an ending, then each decision of the path again, with the coaching the story holds. */
export function debrief(story, path, ending, t, level) {
  const back = path.map(({ scene, answer, state }, index) => {
    if (!state) return null;
    const { item } = story.scenes[scene];
    const { did, happened } = outcomeOf(story, path, index, t, false);
    return el("li.decision", null, el(`h${level + 1}.past-title`, null, story.decisions[item.decision]?.title || sceneTitle(story, scene)),
      did, el("p.label", null, t("outcome.happened")), happened,
      ITEMS[item.kind].review(item, answer, { t, state: stateBefore(story, path, index) }));
  });
  return [
    ending.debrief && el("section.debrief", null, el(`h${level}.subtitle`, null, t("debrief.title")), prose(ending.debrief)),
    el("section.back", null, el(`h${level}.subtitle`, null, t("review.title")), el("ol.decisions", null, back)),
  ];
}
