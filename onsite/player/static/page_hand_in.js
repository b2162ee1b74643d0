const POLL_MS = 700;
const POLL_FOR_MS = 60000;

/** {ok, status, body: JSON or {}}; throws when nobody answers within `limit` ms. */
const askJson = async (url, limit, options) => {
  const control = new AbortController();
  const timer = setTimeout(() => control.abort(), limit);
  try {
    const response = await fetch(url, { cache: "no-store", signal: control.signal, ...options });
    return { ok: response.ok, status: response.status, body: (await response.json().catch(() => null)) || {} };
  } finally {
    clearTimeout(timer);
  }
};

// A server's answer is data: an address it names counts only if it stays on this site.
const ownAddress = (url, base) => {
  try {
    const target = new URL(url, base);
    return target.origin === location.origin ? target.href : "";
  } catch {
    return "";
  }
};

/**
 * Hands in over HTTP at the address in `root.dataset.handIn`; without one, or when nobody answers there, to a file.
 * @returns {function(object): Promise<object>} takes the record, resolves to the result and never rejects; `.mode()`
 *   asks the address how it takes hand-ins: {mode: "grade"|"collect"|"file", learner}
 */
export function pageHandIn(root) {
  const address = location.protocol === "file:" ? "" : ownAddress(root.dataset.handIn || "data:", document.baseURI);
  let known = null;

  const mode = async () => {
    try {
      if (address && !known) {
        const { ok, body } = await askJson(address, 4000);
        if (ok && /^(grade|collect)$/.test(body.mode)) known = { mode: body.mode, learner: `${body.learner || ""}` };
      }
    } catch { /* nobody there, as on a plane */ }
    return known || { mode: "file", learner: "" };
  };

  const poll = async (url, receipt) => {
    for (const end = Date.now() + POLL_FOR_MS; Date.now() < end;) {
      try {
        const { body } = await askJson(url, 15000);
        if (body.state === "ready") return { ...body, kind: "graded", url: ownAddress(body.url, url) };
        if (body.state === "failed") return { kind: "refused", message: body.message };
      } catch { /* a dropped connection: the hand-in has arrived, so keep asking */ }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    return { kind: "waiting", receipt };
  };

  const handIn = async (record) => {
    const how = await mode();
    if (how.mode === "file") return { kind: "download", reason: address && "offline" };
    try {
      const { ok, status, body } = await askJson(address, 30000, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(record) });
      if (!ok) return body.message || status < 500 ? { kind: "refused", message: body.message } : { kind: "download", reason: "offline" };
      return how.mode === "grade" && body.result ? await poll(ownAddress(body.result, address), body.receipt)
        : { kind: "collected", receipt: body.receipt };
    } catch {
      return { kind: "download", reason: "offline" };
    }
  };
  handIn.mode = mode;
  return handIn;
}
