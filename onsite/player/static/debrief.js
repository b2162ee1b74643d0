import { review } from "./items.js";
import { el, prose } from "./dom.js";
import { outcomeOf, sceneTitle } from "./passages.js";
import { storyMap } from "./map.js";

/** The debrief of an ending, then each decision of the path again with the coaching the story holds, then the map. */
export function debrief(story, path, ending, t, level) {
  const back = path.map(({ scene, answer, before, state }, index) => {
    if (!state) return null;
    const { item } = story.scenes[scene];
    const { did, happened } = outcomeOf(story, path, index, t, false);
    return el("li.decision", null, el(`h${level + 1}.past-title`, null, story.decisions[item.decision]?.title || sceneTitle(story, scene)),
      did, el("p.label", null, t("outcome.happened")), happened,
      review(item, answer, { t, state: before }));
  });
  return [
    story.endings[ending].debrief && el("section.debrief", null, el(`h${level}.subtitle`, null, t("debrief.title")), prose(story.endings[ending].debrief)),
    el("section.back", null, el(`h${level}.subtitle`, null, t("review.title")), el("ol.decisions", null, back)),
    storyMap(story, path, ending, t, level),
  ];
}
