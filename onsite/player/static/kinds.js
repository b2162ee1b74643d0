import { holds } from "./conditions.js";
import { ANSWER_CHARS, countChars, isPlain } from "./record.js";

const isOneOf = (entries, id) => entries.some((entry) => entry.id === id);

/** Whether `answer` holds exactly one value for each key, and every value passes. */
const gives = (answer, keys, passes) => isPlain(answer) && Object.keys(answer).length === keys.length
  && keys.every((key) => Object.hasOwn(answer, key) && passes(answer[key]));

/** Whether `answer` is a list of different ids of entries, `least` to `most` of them. */
const lists = (answer, entries, least, most) => Array.isArray(answer) && answer.length >= least && answer.length <= most
  && new Set(answer).size === answer.length && answer.every((id) => isOneOf(entries, id));

const idsOf = (entries) => entries.map(({ id }) => id);

/**
 * What an answer means, one entry per item kind. A new kind adds one entry here and one in items.js.
 * - accepts(item, answer, state): may this answer be given now?
 * - outcome(item, answer): {consequence: html, effects: {name: added}, goto: routes} of an accepted answer; without it
 *   the item itself is the one outcome of every answer.
 */
const KINDS = {
  choice: {
    accepts: (item, answer, state) => item.options.some((option) => option.id === answer && holds(option.when, state)),
    outcome: (item, answer) => item.options.find((option) => option.id === answer),
  },
  text: { accepts: (item, answer) => typeof answer === "string" && answer.trim() !== "" && countChars(answer) <= ANSWER_CHARS },
  best_worst: { accepts: (item, answer) => gives(answer, ["best", "worst"], (id) => isOneOf(item.options, id)) && answer.best !== answer.worst },
  rating: { accepts: (item, answer) => gives(answer, idsOf(item.responses), (rating) => [1, 2, 3, 4, 5].includes(rating)) },
  ranking: { accepts: (item, answer) => lists(answer, item.options, item.options.length, item.options.length) },
  select: { accepts: (item, answer) => lists(answer, item.options, 1, item.options.length) },
  sort: { accepts: (item, answer) => gives(answer, idsOf(item.statements), (bin) => isOneOf(item.bins, bin)) },
};

/** What this answer to the item leads to, or null when it is not valid in this state. */
export function outcomeFor(item, answer, state) {
  const { accepts, outcome = () => item } = KINDS[item.kind];
  return accepts(item, answer, state) ? outcome(item, answer) : null;
}
