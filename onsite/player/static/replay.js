import { holds } from "./conditions.js";
import { KINDS } from "./kinds.js";

/** The state before anything is answered: {name: start value}. */
export function startState(story) {
  return Object.fromEntries(Object.entries(story.state || {}).map(([name, meter]) => [name, meter.start]));
}

/** Where the first route that holds leads (a scene or ending id), or null. */
export function follow(routes, state) {
  const route = (routes || []).find(({ when }) => holds(when, state));
  return route ? route.goto : null;
}

/**
 * Plays the answers of one attempt through the story. Pure; the same rules as in Python.
 * @param {object} story story.json
 * @param {{scene: string, answer: any}[]} answers the answer events of one attempt, in order
 * @returns {{state: object, path: {scene: string, answer?: any, state?: object}[], scene: ?string, ending: ?string,
 *   problem: ?{event: number, scene: string}}} `state` in a path entry is the state after that answer; `scene` is
 *   the item waiting for an answer; `problem.event` counts within `answers`.
 */
export function replay(story, answers) {
  const state = startState(story);
  const path = [];
  let place = story.start;
  let used = 0;
  let told = 0;
  const stop = (how) => ({ state, path, scene: null, ending: null, problem: null, ...how });
  for (;;) {
    if (Object.hasOwn(story.endings, place)) return stop({ ending: place });
    const scene = Object.hasOwn(story.scenes, place) ? story.scenes[place] : null;
    // A route to nowhere or a ring of scenes without items cannot come out of a checked story; do not hang on one.
    if (!scene || told > Object.keys(story.scenes).length) return stop({ problem: { event: used, scene: place } });
    if (!scene.item) {
      told += 1;
      path.push({ scene: place });
      place = follow(scene.next, state);
      continue;
    }
    told = 0;
    if (used >= answers.length) return stop({ scene: place });
    const { scene: where, answer } = answers[used];
    const kind = KINDS[scene.item.kind];
    if (where !== place || !kind.accepts(scene.item, answer, state)) {
      return stop({ scene: place, problem: { event: used, scene: place } });
    }
    const { effects, goto } = kind.outcome(scene.item, answer);
    for (const [name, added] of Object.entries(effects || {})) {
      const { min, max } = story.state[name];
      state[name] = Math.min(max, Math.max(min, state[name] + added));
    }
    path.push({ scene: place, answer, state: { ...state } });
    used += 1;
    place = follow(goto, state);
  }
}
