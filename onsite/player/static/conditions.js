const COMPARE = {
  "<": (a, b) => a < b, "<=": (a, b) => a <= b, ">": (a, b) => a > b,
  ">=": (a, b) => a >= b, "==": (a, b) => a === b, "!=": (a, b) => a !== b,
};

/**
 * Whether every comparison is true; an empty or absent list always holds.
 * @param {{name: string, op: string, value: number}[]} when
 * @param {Object<string, number>} state
 */
export function holds(when, state) {
  return (when || []).every(({ name, op, value }) => COMPARE[op](state[name], value));
}
