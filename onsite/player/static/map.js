import { el, fold } from "./dom.js";
import { sceneTitle } from "./passages.js";

const placesAfter = ({ item, next }) => {
  const routes = item ? [item, ...(item.options || [])].flatMap(({ goto }) => goto || []) : next;
  return [...new Set(routes.map(({ goto }) => goto))];
};

/**
 * The story's map: the places of the path taken, and folded every place with the ways on that were not taken. Titles
 * only, so that an ending not reached stays a surprise.
 */
export function storyMap(story, path, ending, t, level) {
  const taken = [...path.map(({ scene }) => scene), ending];
  const name = (id) => (story.endings[id] ? t("map.ending", { title: story.endings[id].title }) : sceneTitle(story, id));
  const went = (from, to) => taken.some((id, index) => id === from && taken[index + 1] === to);
  const ways = () => {
    const places = [...new Set(taken)];
    // Grows while it is walked: every place that can be reached comes in once.
    for (const id of places) if (story.scenes[id]) places.push(...placesAfter(story.scenes[id]).filter((to) => !places.includes(to)));
    const rows = places.filter((id) => story.scenes[id]).map((id) => [id, placesAfter(story.scenes[id]).filter((to) => to !== id && !went(id, to))]);
    return el("ul.ways", { hook: "map-other" }, rows.filter(([, others]) => others.length).map(([id, others]) => el("li", null,
      el("strong", null, name(id)), taken.includes(id) && el("span.quiet", null, ` ${t("map.here")}`),
      el("ul", null, others.map((to) => el("li", null, name(to)))))));
  };
  return el("section.back", null, el(`h${level}.subtitle`, null, t("map.title")), el("p.label", null, t("map.taken")),
    el("ol.way", { hook: "map" }, taken.map((id) => el("li", null, name(id)))), fold(t("map.other"), ways));
}
