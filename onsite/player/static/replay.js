import { holds } from "./conditions.js";
import { outcomeFor } from "./kinds.js";

/** The state before anything is answered: {name: start value}. */
export function startState(story) {
  return Object.fromEntries(Object.entries(story.state || {}).map(([name, meter]) => [name, meter.start]));
}

/** A copy of the state with the effects added `times` over, each value kept within its meter's range each time. */
export function withEffects(story, state, effects, times = 1) {
  const changed = { ...state };
  for (let time = 0; time < times; time += 1) {
    for (const [name, added] of Object.entries(effects || {})) {
      const { min, max } = story.state[name];
      changed[name] = Math.min(max, Math.max(min, changed[name] + added));
    }
  }
  return changed;
}

/** Where the first route that holds leads (a scene or ending id), or null. */
export function follow(routes, state) {
  const route = (routes || []).find(({ when }) => holds(when, state));
  return route ? route.goto : null;
}

/** Whether the scene's clock can have run so often. */
const canTick = ({ clock }, ticks) => Number.isInteger(ticks) && ticks >= 0 && ticks <= (clock ? clock.most : 0);

/**
 * Plays the answers of one attempt through the story. Pure; the same rules as in Python.
 * @param {object} story story.json
 * @param {{scene: string, answer: any, confidence?: string, ticks?: number}[]} answers the answer events of one attempt, in order
 * @returns {{state: object, path: object[], scene: ?string, ending: ?string, problem: ?{event: number, scene: string}}}
 *   an entry of `path` is {scene}, or for an answer {scene, answer, confidence, ticks, before, state}: `before` is the
 *   state after the clock's ticks, in which the answer was given, `state` that after it; `scene` is the item waiting
 *   for an answer; `problem.event` counts within `answers`.
 */
export function replay(story, answers) {
  let state = startState(story);
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
    const event = answers[used];
    const { answer, confidence } = event;
    const ticks = event.ticks ?? 0;
    const fits = event.scene === place && canTick(scene, ticks);
    const before = fits && withEffects(story, state, scene.clock?.effects, ticks);
    const outcome = fits && outcomeFor(scene.item, answer, before);
    if (!outcome) return stop({ scene: place, problem: { event: used, scene: place } });
    state = withEffects(story, before, outcome.effects);
    path.push({ scene: place, answer, confidence, ticks, before, state });
    used += 1;
    place = follow(outcome.goto, state);
  }
}
