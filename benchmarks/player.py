"""How soon a learner can answer, and how soon the story answers back: the player against stock ipywidgets.

Run with the tests' environment (`python3 course.py test` sets it up):

    .venv/bin/python benchmarks/player.py

Both sides, the page and JupyterLab, ask the same questions of the outage scenario, on one server, in one run,
in fresh browser contexts with an empty cache. Times are taken inside the page, from navigation or from the click
event, to the first frame after the change. Absolute times depend on the machine; the ratios travel better.
"""

import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Browser, Page, sync_playwright

TESTS = Path(__file__).parents[1] / "tests"
sys.path.insert(0, str(TESTS))

from browser.conftest import QUIET, _chromium
from browser.play import fill, hook, say_how_sure, wait_ready
from check import Author
from serving import Served, copy_course, start_server

from onsite.player import assets
from onsite.scenario.items.choice import StoryChoice
from onsite.scenario.story import read_story

VISITS = 10
ROUNDS = 5
LAB_VISITS = 3
ALL_KINDS, SIXTY = "all-kinds", "sixty-scenes"
MORE = (ALL_KINDS, SIXTY)

_WHEN = """
const seen = new MutationObserver(() => {
  if (!document.querySelector(%r)) return;
  seen.disconnect();
  requestAnimationFrame(() => setTimeout(() => { window.benchFirst = performance.now(); }));
});
seen.observe(document, {subtree: true, childList: true, attributes: true});
"""

# From the click on a button to the first frame in which `what` holds something new.
_CLICK = """([button, what]) => new Promise((resolve) => {
  const before = document.querySelector(what)?.textContent;
  let start;
  const watch = new MutationObserver(() => {
    const now = document.querySelector(what)?.textContent;
    if (start === undefined || !now || now === before) return;
    watch.disconnect();
    requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - start)));
  });
  watch.observe(document.body, {subtree: true, childList: true, characterData: true});
  const target = [...document.querySelectorAll(button)].find((b) => b.offsetParent && !b.dataset.used);
  target.addEventListener("click", () => { start = performance.now(); }, {capture: true, once: true});
  target.dataset.used = "1";
  target.click();
})"""

_BYTES = """() => performance.getEntriesByType("resource")
  .filter((r) => /\\.(js|css)(\\?|$)/.test(r.name)).reduce((sum, r) => sum + r.encodedBodySize, 0)"""


def main() -> None:
    """Measure both sides and print one table."""
    with tempfile.TemporaryDirectory(prefix="onsite-bench-") as folder, sync_playwright() as playwright:
        root = copy_course(Path(folder) / "course")
        add_scenarios(root)
        story = read_story(root / "exercises" / "outage" / "story.json")
        questions = [scene.item for scene in story.scenes.values() if isinstance(scene.item, StoryChoice)]
        stock_notebook(questions, root / "stock.ipynb")
        process, server = start_server(root)
        try:
            browser = playwright.chromium.launch(executable_path=_chromium(), args=[*QUIET, "--no-sandbox"])
            ours = measure_player(browser, server, "outage")
            others = {slug: measure_player(browser, server, slug) for slug in MORE}
            theirs = measure_stock(browser, server, len(questions))
            version = browser.version
            browser.close()
        finally:
            process.terminate()
            process.wait(20)
    print(f"Chromium {version}; {VISITS} visits to the page, {LAB_VISITS} to JupyterLab; empty cache each time\n")
    print(f"{'':44}{'player':>12}{'ipywidgets':>12}{'ratio':>8}")
    for name in ours:
        print(f"{name:44}{ours[name]:12,.0f}{theirs[name]:12,.0f}{theirs[name] / ours[name]:8.1f}")
    print(f"\n{'the player on other scenarios':44}" + "".join(f"{slug:>16}" for slug in others))
    for name in ours:
        print(f"{name:44}" + "".join(f"{figures[name]:16,.0f}" for figures in others.values()))
    print(f"\n{assets_line()}")


def add_scenarios(root: Path) -> None:
    """Put the scenario with every kind of item, and one of 60 scenes, into the copied course and its book."""
    texts = {ALL_KINDS: (TESTS / "data" / "all_kinds.yml").read_text("utf-8"), SIXTY: Author(0).scenario()}
    for slug, text in texts.items():
        (root / "solutions" / slug).mkdir()
        (root / "solutions" / slug / "scenario.yml").write_text(text, "utf-8")
    contents = root / "_toc.yml"
    entry = "      - file: exercises/outage/outage\n"
    more = "".join(f"      - file: exercises/{slug}/{slug}\n" for slug in texts)
    contents.write_text(contents.read_text("utf-8").replace(entry, entry + more), "utf-8")


def assets_line() -> str:
    """The player's own size."""
    module, style = len(assets.module().encode()), len(assets.stylesheet().encode())
    return f"player module {module:,} bytes, stylesheet {style:,} bytes, uncompressed"


def measure_player(browser: Browser, server: Served, slug: str) -> dict[str, float]:
    """First answerable option and click to consequence, in the book page of one scenario."""
    first, clicks = [], []
    size = 0.0
    for number in range(VISITS):
        page = fresh(browser, _WHEN % '[data-onsite-ready="true"]')
        page.goto(f"{server.origin}/course/exercises/{slug}/{slug}.html")
        first.append(first_time(page))
        size = page.evaluate(_BYTES) + len(assets.script().encode())
        if number < ROUNDS:
            wait_ready(page)
            clicks += play_timed(page)
        page.context.close()
    return table(first, clicks, size)


def play_timed(page: Page) -> list[float]:
    """Play to an ending; milliseconds from each click on Decide to the consequence on the screen."""
    times = []
    while not hook(page, "ending").count():
        if hook(page, "continue").count():
            hook(page, "continue").click()
        else:
            fill(hook(page, "item"))
            say_how_sure(hook(page, "item"))
            page.evaluate("document.querySelectorAll('[data-used]').forEach((b) => delete b.dataset.used)")
            times.append(page.evaluate(_CLICK, ["[data-onsite=decide]", ".onsite-outcome"]))
    return times


def measure_stock(browser: Browser, server: Served, questions: int) -> dict[str, float]:
    """The same questions as RadioButtons, Button and HTML of ipywidgets in JupyterLab."""
    first, clicks = [], []
    size = 0.0
    for _ in range(LAB_VISITS):
        page = fresh(browser, _WHEN % ".widget-radio-box input")
        page.goto(server.start)
        page.wait_for_load_state("networkidle")
        page.goto(f"{server.origin}/lab/tree/stock.ipynb")
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=60_000)
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        first.append(first_time(page))
        size = page.evaluate(_BYTES)
        page.wait_for_timeout(2000)
        for number in range(questions):
            page.locator(f".question-{number} input").first.check()
            page.wait_for_timeout(100)
            clicks.append(page.evaluate(_CLICK, [f".decide-{number}", f".consequence-{number} .widget-html-content"]))
        page.context.close()
    return table(first, clicks, size)


def fresh(browser: Browser, script: str) -> Page:
    """A tab of a visitor who has never been here."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.add_init_script(script)
    return page


def first_time(page: Page) -> float:
    """Milliseconds from navigation to the frame that shows the first option."""
    page.wait_for_function("window.benchFirst", timeout=60_000)
    return float(page.evaluate("window.benchFirst"))


def table(first: list[float], clicks: list[float], size: float) -> dict[str, float]:
    """The figures of one side, by name."""
    percentile: Callable[[int], float] = lambda p: statistics.quantiles(clicks, n=100)[p - 1]  # noqa: E731
    return {
        "navigation to first answerable option, ms": statistics.median(first),
        "click to consequence, p50, ms": percentile(50),
        "click to consequence, p95, ms": percentile(95),
        "scripts and styles loaded, bytes": size,
    }


_STOCK = """
import ipywidgets as w
from IPython.display import display

def ask(number, prompt, options):
    labels = [(text, i) for i, (text, _) in enumerate(options)]
    radio = w.RadioButtons(options=labels, layout={{"width": "max-content"}})
    button, said = w.Button(description="Decide"), w.HTML("-")
    radio.add_class(f"question-{{number}}")
    button.add_class(f"decide-{{number}}")
    said.add_class(f"consequence-{{number}}")
    button.on_click(lambda _: setattr(said, "value", options[radio.value][1]))
    display(w.VBox([w.HTML(prompt), radio, button, said]))

for number, (prompt, options) in enumerate({questions!r}):
    ask(number, prompt, options)
"""


def stock_notebook(questions: list[StoryChoice], path: Path) -> None:
    """A notebook that asks the same questions the stock way."""
    asked: list[Any] = [(q.prompt, [(o.id, o.consequence) for o in q.options]) for q in questions]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(new_notebook(cells=[new_code_cell(_STOCK.format(questions=asked))], metadata=metadata), path)


if __name__ == "__main__":
    main()
