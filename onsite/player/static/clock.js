import { button, el } from "./dom.js";

const KEY = "onsite:clock";

// A browser that refuses storage only forgets the preference.
const kept = (storage, value) => {
  try {
    if (value === undefined) return storage.getItem(KEY);
    storage.setItem(KEY, value);
  } catch { /* see above */ }
  return null;
};

/**
 * The story's clock while a scene waits: a line, and a switch whose position this browser remembers. Locks nothing.
 * It stands still while nobody can see the page.
 * @param {{every: number, most: number, says: string}} clock seconds between ticks; ticks at most; html
 * @param {object} tools t; place: names this waiting, so that a reload goes on from the ticks there were;
 *   onTick(ticks, said): told of every tick, with the sentence to speak
 * @returns {{node: Element, ticks: number, stop: function()}} ticks so far
 */
export function runClock({ every, most, says }, { t, place, onTick }) {
  const [known, count] = (kept(sessionStorage) || "").split(" ");
  let on = kept(localStorage) !== "off";
  let timer = 0;
  const line = el("div.clock-line", { hook: "clock" });
  const change = button("", "clock-switch", () => {
    on = !on;
    kept(localStorage, on ? "on" : "off");
    start();
  });
  const running = { node: el("div.clock", null, line, change), ticks: known === place ? Math.min(most, Number(count)) : 0,
    stop: () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", start);
    } };
  const tick = () => {
    running.ticks += 1;
    kept(sessionStorage, `${place} ${running.ticks}`);
    start();
    onTick(running.ticks, line.textContent);
  };
  const start = () => {
    clearTimeout(timer);
    if (on && running.ticks) line.innerHTML = says;
    else line.textContent = t(on ? "clock.on" : "clock.off");
    change.textContent = t(on ? "clock.stop" : "clock.start");
    if (on && running.ticks < most && !document.hidden) timer = setTimeout(tick, every * 1000);
  };
  document.addEventListener("visibilitychange", start);
  start();
  return running;
}
