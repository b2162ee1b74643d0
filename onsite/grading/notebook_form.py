"""An autograded notebook as nbgrader would have written it, with gaps for what differs from learner to learner."""

import json
import re
from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Any

_GAP = re.compile(r'"onsite-gap:(points|text):([a-z0-9-]+)"')


@dataclass(frozen=True)
class SourceCell:
    """What the gradebook holds of a cell: nbgrader puts a locked cell's source in place of whatever was handed in."""

    source: str
    checksum: str | None
    locked: bool


class NotebookForm:
    """The notebook of one scenario, ready to be filled many times over."""

    def __init__(
        self, released: str, cells: Mapping[str, SourceCell], decisions: Mapping[str, str], machine: Container[str]
    ) -> None:
        """released: the learner notebook; cells, decisions: by grade id; machine: the decisions graded by machine."""
        notebook = json.loads(released)
        self._blank: dict[str, str] = {}
        count = 0
        for cell in notebook["cells"]:
            told = cell["metadata"].get("nbgrader", {})
            known = cells.get(told.get("grade_id", ""))
            if known is not None:
                told["checksum"] = known.checksum
                if known.locked:
                    cell["source"] = known.source
            if cell["cell_type"] == "code":
                count += 1
                cell["execution_count"], cell["outputs"] = count, []
            name = decisions.get(told.get("grade_id", ""), "")
            if name and name in machine:
                cell["outputs"] = [_result(count, f"onsite-gap:points:{name}")]
            elif name:
                self._blank[name] = "".join(cell["source"])
                cell["source"] = f"onsite-gap:text:{name}"
        text = json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        # Pieces of text, and in every third and second place from there what kind of gap, and whose.
        self._pieces = _GAP.split(text)

    def filled(self, points: Mapping[str, float | None], texts: Mapping[str, str]) -> str:
        """The notebook of one learner. points: those of machine-graded decisions; texts: Markdown, by decision."""
        out = [self._pieces[0]]
        for kind, name, after in zip(self._pieces[1::3], self._pieces[2::3], self._pieces[3::3], strict=True):
            told = repr(points[name]) if kind == "points" else texts.get(name, self._blank[name])
            out += [json.dumps(told, ensure_ascii=False), after]
        return "".join(out)


def _result(count: int, text: str) -> dict[str, Any]:
    return {"data": {"text/plain": text}, "execution_count": count, "metadata": {}, "output_type": "execute_result"}
