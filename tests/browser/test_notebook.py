"""The same scenario in JupyterLab: the widget, its file, a new kernel, the hand-in."""

import json

import pytest
from browser.conftest import Visit
from browser.play import READY, answer, hook, play
from playwright.sync_api import Page, expect
from serving import Served

pytestmark = pytest.mark.browser

LAB_MS = 60_000
NOTEBOOK = "work/outage/outage.ipynb"
"""The learner's own copy."""


def open_notebook(page: Page, served: Served) -> None:
    """Open the learner's own copy and run all of it."""
    page.goto(f"{served.origin}/lab/tree/{NOTEBOOK}")
    page.locator(".jp-Notebook").wait_for(timeout=LAB_MS)
    run_all(page)


def run_all(page: Page) -> None:
    """Run > Run All Cells, as the notebook tells the learner; before the kernel is there JupyterLab ignores it."""
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=LAB_MS)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.locator(READY).wait_for(timeout=LAB_MS)


def test_in_jupyterlab_a_person_plays_restarts_the_kernel_and_is_graded(visitor: Visit, served: Served, text_scene):
    page = visitor.page()
    page.goto(served.start)
    page.get_by_role("link", name="Open the notebooks in JupyterLab").wait_for()
    open_notebook(page, served)
    # JupyterLab has keys of its own for arrows and Enter; inside the player they belong to the learner.
    options = hook(page, "item").locator("input[type=radio]")
    options.first.check()
    options.first.press("ArrowDown")
    expect(options.nth(1)).to_be_checked()
    first = answer(page, {})
    expect(hook(page, "saved")).to_contain_text("Saved beside this notebook")
    path = served.root / "work/outage/answers.json"
    assert [e.get("scene") for e in json.loads(path.read_text())["events"]] == [None, first]

    page.get_by_role("menuitem", name="Kernel", exact=True).click()
    page.get_by_role("menuitem", name="Restart Kernel and Clear Outputs of All Cells", exact=False).click()
    page.get_by_role("button", name="Confirm Kernel Restart").click()
    page.locator(READY).wait_for(state="detached", timeout=LAB_MS)
    run_all(page)
    expect(hook(page, "consequence")).to_be_visible()
    play(page, {}, until=text_scene)
    if hook(page, "text").count():
        hook(page, "text").fill("One line")
        hook(page, "text").press("End")
        hook(page, "text").press("Enter")
        hook(page, "text").press_sequentially("and another")
        expect(hook(page, "text")).to_have_value("One line\nand another")
    play(page, {})
    hook(page, "hand-in").click()
    link = hook(page, "result-link")
    link.wait_for(timeout=LAB_MS)
    with visitor.context.expect_page() as opened:
        link.click()
    expect(opened.value.locator("body")).to_contain_text("points")


def test_notebook_7_plays_it_too(visitor: Visit, served: Served):
    page = visitor.page()
    page.goto(served.start)
    page.wait_for_load_state("networkidle")
    page.goto(f"{served.origin}/notebooks/{NOTEBOOK}")
    page.locator(".jp-Notebook").wait_for(timeout=LAB_MS)
    page.locator(".jp-NotebookKernelStatus, .jp-Notebook-ExecutionIndicator").first.wait_for(state="attached")
    page.wait_for_timeout(3000)  # Notebook 7 shows no text when its kernel is there, and ignores Run until then
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.locator(READY).wait_for(timeout=LAB_MS)
    hook(page, "item").or_(hook(page, "consequence")).or_(hook(page, "ending")).first.wait_for()


def test_jupyterlab_and_its_interfaces_need_the_token(visitor: Visit, served: Served):
    page = visitor.page()
    for address in ("lab", "api/contents", "api/kernels", "formgrader", "files/solutions/outage/scenario.yml"):
        response = page.request.get(f"{served.origin}/{address}", max_redirects=0)
        assert response.status in {302, 403}, f"{address} answered {response.status} to a stranger"
    page.goto(f"{served.origin}/course/")
    assert page.get_by_role("link", name="Open the notebooks").count() == 0
