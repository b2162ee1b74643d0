"""The shared vectors, replayed by the player's own module in a real browser."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from onsite.player import assets

pytestmark = pytest.mark.browser

SHARED = json.loads((Path(__file__).parents[1] / "data" / "replay_vectors.json").read_text("utf-8"))

_REPLAY = """async ([module, {stories, vectors}]) => {
  const {replay} = await import(URL.createObjectURL(new Blob([module], {type: "text/javascript"})));
  const plain = (answer) => (answer && typeof answer === "object" && Array.isArray(answer.repeat)
    ? answer.repeat[0].repeat(answer.repeat[1]) : answer);
  return vectors.map(({story, answers}) => {
    const events = answers.map(([scene, answer, more]) => ({scene, answer: plain(answer), ...more}));
    const before = JSON.stringify(events);
    const {state, path, scene, ending, problem} = replay(stories[story], events);
    const answered = path.filter((entry) => entry.state);
    return {state, path: answered.map((entry) => entry.scene), states: answered.map((entry) => entry.state),
      scene, ending, problem: problem && problem.event, changed: before !== JSON.stringify(events)};
  });
}"""


@pytest.fixture(scope="module")
def reached(browser: Browser) -> dict[str, Any]:
    """What the browser makes of every vector, by its name."""
    page = browser.new_page()
    found = page.evaluate(_REPLAY, [assets.module(), SHARED])
    page.close()
    return dict(zip((vector["name"] for vector in SHARED["vectors"]), found, strict=True))


@pytest.mark.parametrize("vector", SHARED["vectors"], ids=lambda vector: vector["name"])
def test_the_browser_reaches_what_python_reaches(reached: dict[str, Any], vector: dict[str, Any]):
    assert reached[vector["name"]] == {**vector["expect"], "changed": False}
