import { DRAFT_CHARS, attempts, continuesRecord, countChars, freshId, newRecord, sameJson, withAnswer, withDraft } from "./record.js";
import { replay, withEffects } from "./replay.js";
import { itemForm } from "./items.js";
import { runClock } from "./clock.js";
import { button, downloadText, el, fold, prose, translator } from "./dom.js";
import { meterBars, meterChanges } from "./meters.js";
import { outcomeOf, sceneTitle, stateBefore, storySoFar, tell } from "./passages.js";
import { debrief } from "./debrief.js";
import { handInPanel } from "./hand_in.js";

const DRAFT_MS = 400;
const SPEAK_MS = 250;

/**
 * Plays a story inside `root`.
 * @param {Element} root gets a child .onsite-stage and the class onsite-is-live
 * @param {object} options story; strings; store: see page_store.js; handIn: see page_hand_in.js;
 *   openers: {download(name, text)} hands files over in another way; level: that of the scene headings, 2 by default;
 *   notice: a sentence to show once at the top
 * @returns {{destroy: function()}}
 */
export function mount(root, { story, strings, store, handIn, openers = {}, level = 2, notice = "" }) {
  const t = translator(strings);
  const id = `onsite-${freshId()}`;
  const { scenario, scenes } = story;
  const counts = story.counts || "first";

  let record = newRecord(scenario);
  let fresh = false; // a new attempt is shown, of which nothing is answered and so nothing kept yet
  let run = null; // the replay of the attempt shown
  let at = 0; // the entry of run.path shown; run.path.length is where the path stands
  let form = null; // that of the open item
  let clock = null; // that of the open scene
  let shown = ""; // which visit to which scene is shown
  let typed = null; // {scene, text}: a draft of this tab that is in no saved answer yet
  let draftTimer = 0;
  let speakTimer = 0;
  let saves = 0;

  const live = el("div.unseen", { "aria-live": "polite", hook: "live" });
  const notices = el("div.notices", { role: "status" });
  const progress = el("p.progress", { hook: "progress" });
  const meters = meterBars(story, t);
  const article = el("article.scene");
  const alarm = el("div.alarm", { role: "alert", hidden: true });
  const savedLine = el("p.saved", { hook: "saved" });
  const more = el("div.more");
  // Without this mark on what has the focus, JupyterLab takes arrow keys and letters for its own shortcuts.
  const onfocusin = (event) => { event.target.dataset.lmSuppressShortcuts = "true"; };
  const stage = el("div.stage", { role: "region", "aria-label": t("stage.label", { title: story.title }), onfocusin },
    live, notices, el("div.top", null, progress, meters.node), article, alarm, savedLine, more);
  stage.classList.add("onsite");
  // JupyterLab refuses line breaks in every text field of a cell; let it not hear of ours.
  stage.addEventListener("beforeinput", (event) => event.stopPropagation(), true);

  const hand = (name, text) => (openers.download || downloadText)(name, text);
  const download = () => {
    keepDraft();
    hand(`${scenario}-answers.json`, `${JSON.stringify(record, null, 1)}\n`);
  };
  const againButton = (text, look) => button(text, "again", again, look);
  const downloadButton = () => button(t("actions.download"), "download", download);
  const focusTitle = () => article.querySelector("[tabindex]").focus();

  /** Speaks through the live region; after the focus has moved, so as not to cut off the new heading. */
  const announce = (text) => {
    live.textContent = "";
    clearTimeout(speakTimer);
    speakTimer = setTimeout(() => { live.textContent = text; }, SPEAK_MS);
  };

  const notify = (text, ...extras) => {
    const close = () => {
      node.remove();
      focusTitle();
    };
    const node = el("div.notice", { hook: "notice" }, el("p", { tabindex: -1 }, text), extras, button(t("notice.close"), "notice-close", close));
    notices.append(node);
    return node;
  };

  // --- saving ---

  const leaving = (event) => event.preventDefault();

  const showSaved = ({ ok, reason, message }, when = new Date()) => {
    // 14:07. The first toLocaleTimeString of a page takes 40 ms, between a click and what it shows.
    const time = when && when.toTimeString().slice(0, 5);
    savedLine.dataset.state = ok ? (when ? "saved" : "none") : "failed";
    savedLine.textContent = ok ? t(`${when ? "saved" : "saves"}.${store.where}`, { time }) : t("saved.not");
    // Only a page that holds answers found nowhere else asks before it is left.
    removeEventListener("beforeunload", leaving);
    if (!ok && record.events.length) addEventListener("beforeunload", leaving);
    const cause = ok ? "" : message || t(`failed.${reason}`);
    if (alarm.dataset.cause === cause) return;
    alarm.dataset.cause = cause;
    alarm.hidden = ok;
    alarm.replaceChildren(...(ok ? [] : [el("p", null, cause), el("p", null, t("failed.advice")), button(t("failed.download"), "download", download)]));
  };

  const save = async () => {
    saves += 1;
    const number = saves;
    const outcome = await store.save(record);
    if (outcome.reason === "newer") adopt(outcome.record, true, "elsewhere");
    else if (number === saves) showSaved(outcome);
    return outcome;
  };

  /** Saves a draft still waiting in the pause after typing or picking. */
  const keepDraft = () => {
    if (!draftTimer) return;
    clearTimeout(draftTimer);
    draftTimer = 0;
    if (countChars(typed.text) > DRAFT_CHARS) {
      showSaved({ ok: false, reason: "too-long" });
      return;
    }
    record = withDraft(record, typed.scene, typed.text);
    save();
  };

  const onDraft = () => {
    typed = { scene: run.scene, text: form.draft() };
    clearTimeout(draftTimer);
    draftTimer = setTimeout(keepDraft, DRAFT_MS);
  };

  // --- following another tab or view of the same record ---

  const adopt = (stored, conflict, why) => {
    const held = stage.contains(document.activeElement);
    const { scene, text = "" } = typed || {};
    const sent = stored.events.some((event) => event.scene === scene && event.answer === text);
    // Only words are worth carrying over; a few picks are quickly made again.
    const kept = scenes[scene]?.item.kind === "text" && text.trim() && !sent && countChars(text) <= DRAFT_CHARS;
    clearTimeout(draftTimer);
    draftTimer = 0;
    saves += 1; // whatever becomes of an earlier save no longer matters
    typed = kept ? { scene, text } : null;
    record = kept ? withDraft(stored, scene, text) : stored;
    fresh = false;
    settle();
    showSaved({ ok: true });
    render(false);
    if (conflict || store.where !== "notebook") {
      notices.replaceChildren();
      const told = notify(t(`notice.${why}`), kept && run.scene !== scene && [el("p", null, t("notice.unsent")), el("blockquote.own", null, text)]);
      if (held) told.firstChild.focus();
    } else if (held) focusTitle();
    if (kept) save();
  };

  const heard = (stored, confirmed, why = "elsewhere") => {
    if (sameJson(stored.events, record.events) && (stored.id === record.id || !record.events.length)) {
      const typing = draftTimer || form?.node.contains(document.activeElement);
      const news = !typing && (stored.drafts[run.scene] || "") !== (record.drafts[run.scene] || "");
      record = typing ? { ...stored, drafts: record.drafts } : stored;
      if (news && form) {
        typed = null;
        render(false);
      }
      if (confirmed) showSaved({ ok: true });
    } else if (!continuesRecord(record, stored)) adopt(stored, !continuesRecord(stored, record), why);
  };

  // --- the play ---

  const attemptShown = () => attempts(record).length + (fresh ? 1 : 0);

  /** Replays, and goes to the consequence of the last answer, so that nobody misses it. */
  const settle = () => {
    run = replay(story, (!fresh && attempts(record).at(-1)?.answers) || []);
    at = run.problem ? run.path.length : Math.max(0, run.path.findLastIndex((entry) => entry.state));
  };

  const decide = (event) => {
    event.preventDefault();
    const { answer, confidence, error, at: control } = form.read();
    if (error) {
      form.complain(error, control);
      return;
    }
    clearTimeout(draftTimer);
    draftTimer = 0;
    typed = form.put && { scene: run.scene, text: answer };
    record = withAnswer(record, { scene: run.scene, answer, confidence, ticks: clock?.ticks, version: story.version, fresh });
    fresh = false;
    settle();
    render(true);
    save().then(({ ok }) => { if (ok) typed = null; });
  };

  const goOn = (event) => {
    if (event.detail > 1) return; // the second half of a double click on the button that stood here before
    at += 1;
    render(true);
  };

  const again = () => {
    keepDraft();
    fresh = true;
    typed = null;
    notices.replaceChildren();
    settle();
    render(true);
  };

  const sendIn = async (learner) => {
    keepDraft();
    record = { ...record, learner };
    const { reason } = await save();
    if (reason === "newer") return { kind: "refused", message: t("notice.elsewhere") };
    return reason === "offline" ? { kind: "download", reason } : handIn(record, { learner });
  };

  const handInForm = () => handInPanel({ t, id, handIn, learner: record.learner, send: sendIn, download });

  // --- what is shown ---

  const meeting = () => [prose(story.role), prose(story.setting), el("dl.cast", null, story.cast.map(({ name, position, cares_about: cares }) => [
    el("dt", null, name, el("span.quiet", null, ` ${position}`)), el("dd", null, t("meet.cares", { what: cares }))]))];

  /** What waits for an answer: the form, above it the clock where the story has one. */
  const asking = (scene, before) => {
    const now = (ticks) => withEffects(story, before, scene.clock?.effects, ticks);
    const onTick = (ticks, said) => {
      meters.show(now(ticks));
      form.update?.(now(ticks));
      announce([said, ...meterChanges(story, now(ticks - 1), now(ticks), t).map(({ text }) => text)].join(" "));
    };
    clock = scene.clock && runClock(scene.clock, { t, place: `${record.id}:${record.events.length}`, onTick });
    form = itemForm(scene.item, { t, id, state: now(clock?.ticks), draft: record.drafts[run.scene], onDraft, announce, onsubmit: decide });
    return [clock?.node, form.node];
  };

  const titled = (text) => el(`h${level}.title`, { tabindex: -1 }, text);

  /** The page for the entry shown, or for where the path stands: {kind, place, nodes or head() and nodes, spoken?}. */
  const page = (entry, before) => {
    const place = entry ? entry.scene : run.ending || run.scene || run.problem.scene;
    if (!entry && run.problem) {
      return { kind: "problem", place, nodes: [titled(t("changed.title")), el("p", { hook: "notice" }, t("changed.text")),
        el("div.actions", null, againButton(t("changed.again"), "primary"), downloadButton())] };
    }
    if (!entry && run.ending) {
      const ending = story.endings[place];
      return { kind: "ending", place, nodes: [el("p.kicker", null, t("ending.kicker")), titled(ending.title), prose(ending.narrative),
        debrief(story, run.path, place, t, level + 1),
        el("section.close", null, el(`h${level + 1}.subtitle`, null, t("actions.title")), handInForm(),
          el("div.actions", null, againButton(t("actions.again")), downloadButton()), el("p.quiet", null, t(`actions.counts.${counts}`)))] };
    }
    const scene = scenes[place];
    const head = () => [titled(sceneTitle(story, place)), el("div.told-scene", null, tell(scene.narrative, before))];
    if (!entry) return { kind: "scene", place, head, nodes: asking(scene, before) };
    const next = button(t("scene.continue"), "continue", goOn, "primary");
    if (!entry.state) return { kind: "scene", place, head, nodes: [next] };
    const { did, happened, spoken } = outcomeOf(story, run.path, at, t, true);
    return { kind: "scene", place, head, spoken, nodes: [el("div.outcome", null, did,
      el(`h${level + 1}.subtitle`, { hook: "consequence", tabindex: -1 }, t("outcome.happened")), happened, next)] };
  };

  const showProgress = (kind, entry) => {
    const places = [...run.path.slice(0, at + 1), ...(!entry && run.scene ? [run] : [])];
    const met = places.filter(({ scene }) => scenes[scene].item?.decision).length;
    const values = { met, most: Object.keys(story.decisions).length, minutes: story.minutes, number: attemptShown() };
    const key = kind === "ending" ? "progress.ended" : met ? "progress.decision" : "progress.before";
    progress.replaceChildren(el("span", null, t(key, values)),
      values.number > 1 ? el("span.attempt", { hook: "attempt" }, t(`progress.attempt.${counts}`, values)) : "");
  };

  /** Shows the present page. After a step of the person (`moved`) the focus and the view go along. */
  const render = (moved) => {
    const entry = run.path[at];
    const before = stateBefore(story, run.path, at);
    const [path, end] = [run.path, at];
    clock?.stop();
    form = clock = null;
    const { kind, place, head, nodes, spoken = "" } = page(entry, before);
    const visit = head ? `${attemptShown()} ${at} ${place}` : "";
    showProgress(kind, entry);
    if (kind === "ending") store.ended?.();
    meters.show(entry?.state || withEffects(story, before, clock && scenes[place].clock.effects, clock?.ticks));
    article.dataset.onsite = kind;
    delete article.dataset.scene;
    delete article.dataset.ending;
    article.dataset[kind === "ending" ? kind : "scene"] = place;
    const below = nodes.flat(2).filter(Boolean);
    if (moved && visit && visit === shown) {
      // What was just read stays as it is; only what stands below it changes.
      while (article.children.length > 2) article.lastChild.remove();
      article.append(...below);
    } else article.replaceChildren(...(head?.() || []), ...below);
    shown = visit;
    more.replaceChildren(...[
      end > 0 && fold(t("more.soFar"), () => storySoFar(story, path, end, t, level + 1)),
      story.cast.length > 0 && fold(t("more.meet"), meeting),
      kind === "scene" && attemptShown() > 1 && fold(t("more.handIn"), handInForm),
    ].filter(Boolean));
    if (!moved) return;
    const outcome = article.querySelector(".onsite-outcome");
    (outcome || article).querySelector("[tabindex]").focus({ preventScroll: true });
    const box = outcome || stage;
    const { top, bottom } = box.getBoundingClientRect();
    if (top < 0 || bottom > innerHeight) box.scrollIntoView({ block: "start", behavior: "instant" });
    announce(spoken);
  };

  const hiding = () => document.hidden && keepDraft();
  let unsubscribe = () => {};

  root.append(stage);
  store.load().then(({ record: found, problem }) => {
    record = found || record;
    settle();
    render(false);
    const last = record.events.at(-1)?.at;
    if (problem?.kind === "refused") showSaved({ ok: false, reason: "refused" });
    else showSaved({ ok: true }, last ? new Date(last) : found && new Date());
    if (notice) notify(notice);
    const { kind, text } = problem || {};
    if (kind && kind !== "refused") notify(t(`notice.${kind}`), button(t("notice.download"), "download-aside", () => hand(`${scenario}-aside.txt`, text)));
    root.classList.add("onsite-is-live");
    unsubscribe = store.subscribe(heard);
    stage.addEventListener("focusout", ({ relatedTarget }) => stage.contains(relatedTarget) || keepDraft());
    addEventListener("pagehide", keepDraft);
    document.addEventListener("visibilitychange", hiding);
    root.dataset.onsiteReady = "true";
  });

  return {
    destroy() {
      keepDraft();
      unsubscribe();
      clock?.stop();
      removeEventListener("pagehide", keepDraft);
      removeEventListener("beforeunload", leaving);
      document.removeEventListener("visibilitychange", hiding);
      clearTimeout(speakTimer);
      stage.remove();
      root.classList.remove("onsite-is-live");
      delete root.dataset.onsiteReady;
    },
  };
}
