import { holds } from "./conditions.js";
import { ANSWER_CHARS, countChars } from "./record.js";

/**
 * What an answer means, one entry per item kind. A new kind adds one entry here and one in items.js.
 * - accepts(item, answer, state): may this answer be given now?
 * - outcome(item, answer): {consequence: html, effects: {name: added}, goto: routes} of an accepted answer.
 */
export const KINDS = {
  choice: {
    accepts: (item, answer, state) => item.options.some((option) => option.id === answer && holds(option.when, state)),
    outcome: (item, answer) => item.options.find((option) => option.id === answer),
  },
  text: {
    accepts: (item, answer) => typeof answer === "string" && answer.trim() !== "" && countChars(answer) <= ANSWER_CHARS,
    outcome: (item) => item,
  },
};
