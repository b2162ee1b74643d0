import { translator } from "./dom.js";
import { tryIt } from "./try_it.js";
import { assignmentNote } from "./assignment_note.js";
import { overview } from "./overview.js";
import { keepsakes } from "./keepsakes.js";

/**
 * Brings a page of the book to life: its practice items, its notes, and the lists of what was done so far.
 * Whatever cannot be read keeps standing there as it was printed.
 */
function mountPractice(page, strings) {
  const t = translator(strings);
  const each = (selector, mount) => page.querySelectorAll(selector).forEach((root) => {
    try {
      mount(root, t);
    } catch (error) {
      console.error("Onsite: this part of the page cannot be used here.", error);
    }
  });
  each(".onsite-try", tryIt);
  each(".onsite-note", assignmentNote);
  each(".onsite-overview", overview);
  each(".onsite-keepsakes", keepsakes);
}

export { mountPractice };
