"""What a learner wrote, as the person who grades it sees it. Light to import."""

import html
from collections.abc import Iterable

from onsite.grading.scenarios import CourseScenario
from onsite.scenario.items.text import Text
from onsite.scenario.replay import Answered


def written_cells(scenario: CourseScenario, path: Iterable[Answered]) -> dict[str, str]:
    """The Markdown for the cell of each decision in which something was written on this path, by decision.

    scenario: in the version that the path was taken in.
    """
    cells = {}
    for step in path:
        item = scenario.scenario.scenes[step.scene].item
        if isinstance(item, Text) and item.decision is not None:
            title = scenario.scenario.decisions[item.decision].title
            cells[item.decision] = _for_the_grader(title, item, str(step.answer))
    return cells


def _for_the_grader(title: str, item: Text, text: str) -> str:
    # The learner's words are shown as typed: no Markdown, no HTML, no formulas of theirs take effect.
    lines = html.escape(text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    typed = "<br>\n".join(line or "&nbsp;" for line in lines)
    rubric = "\n".join(f"- **{c.points}** {' '.join(c.criterion.split())}" for c in item.rubric)
    return (
        f'**{title}**\n\n<div class="tex2jax_ignore mathjax_ignore">\n{typed}\n</div>\n\n'
        f"*Rubric, for the grader*\n\n{rubric}\n"
    )
