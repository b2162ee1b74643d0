import { button, downloadText, el } from "./dom.js";

/** One line under a small form that says whether what it holds is saved. `record()` is what a copy would hold. */
export function savedLine(t, record) {
  const node = el("div.saved", { role: "status", hook: "saved" });
  const copy = () => downloadText(`${record().scenario}.json`, `${JSON.stringify(record(), null, 1)}\n`);
  return {
    node,
    show: ({ ok, reason }) => {
      const time = new Date().toTimeString().slice(0, 5);
      node.dataset.state = ok ? "saved" : "failed";
      node.replaceChildren(...(ok ? [t("saved.device", { time })] : [t(`failed.${reason}`), " ", button(t("failed.download"), "download", copy)]));
    },
  };
}
