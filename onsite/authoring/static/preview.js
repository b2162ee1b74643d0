import { attempts, mount, replay } from "./player.js";

const POLL_MS = 400;
const MOST_STEPS = 100;
const MOUNT_MS = 3000;

const slug = document.body.dataset.slug;
const key = `onsite-preview:${slug}`; // not the course's own key: an author's jumps are nobody's answers
const byId = (id) => document.getElementById(id);
const root = byId("player");
const strings = await (await fetch("strings.json")).json();

let number = 0; // of the look shown
let told = ""; // the story shown, as text
let story = null;
let player = null;
let record = null;

const el = (name, attrs = {}, ...children) => {
  const node = document.createElement(name);
  for (const [attr, value] of Object.entries(attrs)) {
    if (attr.startsWith("on")) node.addEventListener(attr.slice(2), value);
    else if (value !== null && value !== false) node.setAttribute(attr, value === true ? "" : value);
  }
  node.append(...children.filter(Boolean));
  return node;
};
const stamp = () => new Date().toISOString().replace(/\.\d+/, "");
const clock = () => new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const counted = (count, one, many) => `${count} ${count === 1 ? one : many}`;

// --- the record: kept in this browser, cut back to the answers that still fit -----------------------

const emptyRecord = () => ({ format: 1, scenario: slug, id: crypto.randomUUID(), learner: "", events: [], drafts: {} });

const keep = (value) => {
  record = value;
  try {
    localStorage.setItem(key, JSON.stringify(record));
  } catch {
    // A browser that stores nothing keeps it as long as the tab is open.
  }
};

const stored = () => {
  try {
    const found = JSON.parse(localStorage.getItem(key));
    return found.scenario === slug && Array.isArray(found.events) && found.drafts ? found : emptyRecord();
  } catch {
    return emptyRecord();
  }
};

/** Leaves out the answers of the last attempt that do not fit the story any more. Returns how many those were. */
const cutToFit = () => {
  try {
    const answers = attempts(record).at(-1)?.answers || [];
    const { problem } = replay(story, answers);
    const lost = problem ? answers.length - problem.event : 0;
    if (lost) keep({ ...record, events: record.events.slice(0, lost === answers.length ? -lost - 1 : -lost) });
    return lost;
  } catch {
    keep(emptyRecord()); // not a record of this player
    return 0;
  }
};

const store = {
  where: "device",
  load: async () => ({ record, problem: null }),
  save: async (value) => {
    keep(value);
    return { ok: true };
  },
  subscribe: () => () => {},
};

const handIn = async () => ({ kind: "refused", message: "This is a preview; nothing is handed in." });
handIn.mode = async () => ({ mode: "file", learner: "" });

// --- the player, and the place in it -----------------------------------------------------------------

const article = () => root.querySelector("article");
const where = () => {
  const { scene, ending } = article()?.dataset || {};
  return { place: scene || ending || "", after: Boolean(article()?.querySelector('[data-onsite="consequence"]')) };
};

/** Until the player shows something; throws when it cannot. */
const ready = async () => {
  const end = performance.now() + MOUNT_MS;
  while (root.dataset.onsiteReady !== "true") {
    if (performance.now() > end) throw new Error("the player did not start");
    await new Promise((next) => { setTimeout(next, 5); });
  }
};

/** Mounts the player and goes to `target`; where the player fails, says so in its place. */
const show = async (target) => {
  byId("failed").hidden = true;
  try {
    await mountAt(target);
  } catch (error) {
    console.error(error);
    byId("failed").hidden = false;
  }
};

/** Mounts the player anew and goes on from where it then stands to `target`, as far as it gets. */
const mountAt = async (target) => {
  const [focused, top] = [document.activeElement, scrollY];
  const held = root.contains(focused);
  player?.destroy();
  player = mount(root, { story, strings, store, handIn });
  await ready();
  for (let step = 0; target && step < MOST_STEPS; step += 1) {
    const now = where();
    const onward = article().querySelector('[data-onsite="continue"]');
    if (!onward || (now.place === target.place && now.after === target.after)) break;
    onward.click();
  }
  if (!held && focused?.isConnected) focused.focus({ preventScroll: true });
  scrollTo({ top, behavior: "instant" });
  markPlace();
};

const jump = async (place) => {
  if (!place.way) return;
  const at = stamp();
  const start = place.way.length ? [{ type: "start", version: story.version, at }] : [];
  keep({ ...emptyRecord(), events: [...start, ...place.way.map((answer) => ({ type: "answer", at, ...answer }))] });
  await show({ place: place.id, after: false });
  const stage = root.querySelector(".onsite-stage");
  if (stage?.getBoundingClientRect().top < 0) stage.scrollIntoView({ block: "start", behavior: "instant" });
  byId("news").textContent = `At: ${place.title}`;
};

const markPlace = () => {
  const { place } = where();
  for (const node of document.querySelectorAll("[data-jump]")) {
    if (node.dataset.jump === place) {
      if (node.getAttribute("aria-current")) continue;
      node.setAttribute("aria-current", "true");
      const [list, item] = [node.closest(".box-jump"), node.parentElement];
      list.scrollTop = item.offsetTop - list.clientHeight / 2;
    } else node.removeAttribute("aria-current");
  }
  for (const node of document.querySelectorAll("[data-place]")) node.classList.toggle("onsite-map-here", node.dataset.place === place);
};
new MutationObserver(markPlace).observe(root, { subtree: true, attributeFilter: ["data-scene", "data-ending"] });

// --- what surrounds it -------------------------------------------------------------------------------

const line = ({ where: place, level, what, do: advice }) => el("li", {}, place && el("code", {}, place),
  el("p", {}, level === "warning" && el("strong", {}, "Warning: "), `${what} ${advice}`.trim()));

const showFindings = ({ broken, findings, figures }) => {
  const errors = findings.filter(({ level }) => level === "error").length;
  const warnings = findings.length - errors;
  const sum = [errors && counted(errors, "error", "errors"), warnings && counted(warnings, "warning", "warnings")].filter(Boolean);
  byId("check-sum").textContent = sum.join(", ") || "Nothing found.";
  byId("check-sum").className = errors ? "bad" : warnings ? "warn" : "good";
  byId("findings").replaceChildren(...findings.map(line));
  byId("figures").hidden = !figures;
  byId("figures").querySelector("pre").textContent = figures;
  const alarm = byId("broken");
  alarm.hidden = !broken;
  if (!broken) {
    alarm.replaceChildren();
    return;
  }
  const [first, ...others] = findings;
  alarm.replaceChildren(
    el("p", {}, el("strong", {}, "The file cannot be played as it stands. "),
      story ? "You see the last version that could." : "The story appears here as soon as it can."),
    el("ul", { class: "findings" }, line(first)),
    others.length ? el("p", {}, `${counted(others.length, "more error", "more errors")} under Check.`) : "");
};


const showPlaces = (places) => {
  byId("places").replaceChildren(...places.map((place) => el("li", {},
    el("button", { type: "button", "data-jump": place.id, "aria-disabled": place.way ? null : "true", onclick: () => jump(place) },
      el("span", { class: "place-title" }, place.title),
      el("span", { class: "place-kind" }, `${place.id}, ${place.kind.replaceAll("_", " ")}${place.way ? "" : "; no way found"}`)))));
};

const showMap = (map, places) => {
  byId("map-place").innerHTML = map;
  for (const node of byId("map-place").querySelectorAll("[data-place]")) {
    const place = places.find(({ id }) => id === node.dataset.place);
    if (place?.way) node.addEventListener("click", () => jump(place));
  }
};

const apply = async (look) => {
  const first = number === 0;
  number = look.number;
  const fresh = look.story && JSON.stringify(look.story);
  const changed = fresh && fresh !== told;
  if (!changed) showFindings(look);
  let news = first ? "Follows the file." : `Saved ${clock()}: ${look.broken ? "cannot be played" : changed ? "reloaded" : "the story is the same"}.`;
  if (changed) {
    const before = where();
    // Words not yet sent are in the record only once the old player has let go of them.
    player?.destroy();
    player = null;
    [told, story] = [fresh, look.story];
    record = record || stored();
    const lost = cutToFit();
    if (lost) news += ` ${counted(lost, "answer no longer fits", "answers no longer fit")}.`;
    showFindings(look);
    byId("title").textContent = story.title;
    document.title = `Preview: ${story.title}`;
    showPlaces(look.places);
    showMap(look.map, look.places);
    await show(before.place ? before : remembered());
  }
  byId("news").textContent = news;
};

// Where a reload of the whole page goes on: the player by itself would show the consequence of the last answer.
const remembered = () => {
  try {
    return JSON.parse(sessionStorage.getItem(key));
  } catch {
    return null;
  }
};
addEventListener("pagehide", () => {
  try {
    sessionStorage.setItem(key, JSON.stringify(where()));
  } catch {
    // see keep()
  }
});

const poll = async () => {
  try {
    const response = await fetch(`look?number=${number}`, { cache: "no-store" });
    if (response.status === 200) await apply(await response.json());
    document.body.classList.remove("stopped");
  } catch (error) {
    if (!document.body.classList.contains("stopped")) {
      console.error(error);
      byId("news").textContent = `The preview has stopped. Start it again: python3 course.py preview ${slug}`;
    }
    document.body.classList.add("stopped");
    number = 0; // a new server counts from 1
  }
  setTimeout(poll, POLL_MS);
};

// --- the author's switches ---------------------------------------------------------------------------

const toggle = (button, on, set) => {
  const put = (value) => {
    button.setAttribute("aria-pressed", value);
    set(value);
  };
  button.addEventListener("click", () => put(button.getAttribute("aria-pressed") !== "true"));
  put(on);
};
toggle(byId("dark"), matchMedia("(prefers-color-scheme: dark)").matches, (on) => { document.documentElement.dataset.theme = on ? "dark" : "light"; });
toggle(byId("phone"), false, (on) => { document.body.classList.toggle("narrow", on); });

poll();
