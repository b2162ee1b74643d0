import { holds } from "./conditions.js";
import { attempts } from "./record.js";
import { replay } from "./replay.js";
import { mount } from "./view.js";
import { pageStore } from "./page_store.js";
import { pageHandIn } from "./page_hand_in.js";
import { modelHandIn, modelStore } from "./model_store.js";

/**
 * Mounts a player in every .onsite-player of a page that carries its story and strings as JSON.
 * One that cannot be read keeps showing its printed transcript.
 * @returns {{destroy: function()}[]}
 */
function mountAll(page) {
  const players = [];
  for (const root of page.querySelectorAll(".onsite-player:not(.onsite-is-live)")) {
    try {
      const [story, strings] = ["onsite-story", "onsite-strings"].map((name) => JSON.parse(root.querySelector(`script.${name}`).textContent));
      players.push(mount(root, { story, strings, store: pageStore(story.scenario), handIn: pageHandIn(root) }));
    } catch (error) {
      console.error("Onsite: this scenario cannot be played here.", error);
    }
  }
  return players;
}

/** The anywidget view: https://anywidget.dev/en/afm/ */
function render({ model, el: root }) {
  const story = model.get("story");
  const player = mount(root, {
    story,
    strings: model.get("strings"),
    notice: model.get("notice"),
    store: modelStore(model, story.scenario),
    handIn: modelHandIn(model),
  });
  return () => player.destroy();
}

export { attempts, holds, mount, mountAll, replay };
export default { render };
