import { button, el } from "./dom.js";

/**
 * The form that hands the record in and tells what came of it.
 * @param {object} tools t; id: unique prefix; handIn: has mode(); learner: name so far;
 *   send(learner): promise of the hand-in's result; download()
 */
export function handInPanel({ t, id, handIn, learner, send, download }) {
  const input = el("input.input", { id: `${id}-learner`, hook: "learner", type: "text", autocomplete: "name", maxlength: 200,
    required: true, "aria-describedby": `${id}-nameless`, value: learner });
  const error = el("p.error", { id: `${id}-nameless`, hook: "error", hidden: true }, t("handIn.nameMissing"));
  const field = el("div.field", { hidden: true }, el("label.label", { for: input.id }, t("handIn.name")), input, error);
  const about = el("p.quiet");
  const said = el("div.said", { role: "status" });
  const go = button(t("handIn.button"), "hand-in", null, "primary");
  let busy = false;

  const ready = handIn.mode().then((how) => {
    field.hidden = how.mode === "grade";
    about.textContent = t(`handIn.about.${how.mode}`);
    input.value ||= how.learner;
    return how;
  });

  const showResult = ({ kind, url, score, of, receipt, reason, message = "" }) => {
    if (kind === "download") download();
    const refused = kind === "refused";
    const link = kind === "graded" && url && el("a.result", { hook: "result-link", href: url, target: handIn.newTab && "_blank" },
      t(handIn.newTab ? "handIn.resultNewTab" : "handIn.result"));
    const key = reason ? "handIn.offline" : kind === "collected" && receipt ? "handIn.receipt" : `handIn.${kind}`;
    const text = el("p", { tabindex: -1 }, kind === "file" && message ? message : t(key, { receipt, message }));
    said.classList.toggle("onsite-said-bad", refused);
    said.replaceChildren(text);
    if (of) said.append(el("p", null, t("handIn.score", { score, of })));
    if (link) said.append(link);
    if (refused) said.append(button(t("actions.download"), "download", download));
    (link || text).focus();
  };

  const submit = async (event) => {
    event.preventDefault();
    if (busy) return;
    busy = true;
    const { mode, learner: known } = await ready;
    const name = mode === "grade" ? known || learner : input.value.trim();
    const missing = mode !== "grade" && !name;
    error.hidden = !missing;
    input.setAttribute("aria-invalid", missing);
    go.setAttribute("aria-disabled", !missing);
    if (missing) input.focus();
    else {
      said.replaceChildren(el("p", null, t(mode === "grade" ? "handIn.grading" : "handIn.sending")));
      showResult(await send(name));
    }
    go.setAttribute("aria-disabled", false);
    busy = false;
  };
  return el("form.hand-in", { novalidate: true, onsubmit: submit }, field, about, go, said);
}
