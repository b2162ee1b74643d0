"""Before a scenario that people have played is changed: keep it as it is, and begin its next version."""

import difflib
import re
from dataclasses import dataclass
from pathlib import Path

from onsite.build.notebooks import instructor_notebook
from onsite.paths import CoursePaths
from onsite.safe_files import write_whole
from onsite.scenario.errors import OnsiteError
from onsite.scenario.kept import examine_kept, kept_file
from onsite.scenario.load import FILE_NAME, parse_scenario
from onsite.scenario.schema import Scenario
from onsite.scenario.story import story_of
from onsite.scenario.yaml_source import parse_yaml, read_yaml

_VERSION = re.compile(rb"""(["']?version["']?[ \t]*:[ \t]+\+?)([0-9]+)(?=[ \t\r\n]|\Z)""")


@dataclass(frozen=True)
class Revised:
    """Where the version that was is kept, the scenario's file, and the version that it is now."""

    kept: Path
    scenario: Path
    version: int


def revise(course: CoursePaths, slug: str) -> Revised:
    """Copy scenario.yml to versions/<version>.yml, and raise the version in it by one; nothing else in it changes.

    Raises OnsiteError, and writes nothing, when the file does not load, is not what was built from it last (the copy
    would not be what people have played), or another copy of that version is kept already.
    """
    folder = course.solutions / slug
    path = folder / FILE_NAME
    if slug not in course.slugs():
        close = difflib.get_close_matches(slug, course.slugs(), n=1)
        raise OnsiteError(f"There is no scenario '{slug}'." + (f" Did you mean '{close[0]}'?" if close else ""))
    source = read_yaml(path)
    scenario = parse_scenario(source)
    data = path.read_bytes()
    kept = kept_file(folder, scenario.version)
    shown = kept.relative_to(course.root).as_posix()
    if kept.exists() and kept.read_bytes() != data:
        raise OnsiteError(
            f"{shown} is there already and says something else than {FILE_NAME}, so nothing was changed. "
            f"If {FILE_NAME} holds your changes for the next version already, only raise its 'version' by hand."
        )
    _refuse_unless_built(folder, scenario)
    raised = _raised(data, path, source.line(("version",)), scenario.version)
    try:
        if not kept.exists():
            write_whole(kept, data)
        write_whole(path, raised)
    except OSError as error:
        raise OnsiteError(
            f"{error.filename or path} cannot be written ({error.strerror}). Check your rights there."
        ) from error
    return Revised(kept, path, scenario.version + 1)


def _refuse_unless_built(folder: Path, scenario: Scenario) -> None:
    story, notebook = folder / "story.json", folder / f"{folder.name}.ipynb"
    if not story.is_file() or not notebook.is_file():
        raise OnsiteError(
            f"'{folder.name}' has never been built, so nobody can have played it. Change it as you like; its version "
            "can stay."
        )
    # Not the copy that an interrupted run left of this very version.
    made = instructor_notebook(scenario, examine_kept(folder, scenario)[0])
    if story.read_text("utf-8") != story_of(folder.name, scenario).to_json() or notebook.read_text("utf-8") != made:
        raise OnsiteError(
            f"{FILE_NAME} of '{folder.name}' was changed after the last build, so it is not what people have played, "
            f"and nothing was kept. If nobody needs version {scenario.version} as it was, run "
            "`python3 course.py build` first. Otherwise put your changes aside, run this, and bring them back."
        )


def _raised(data: bytes, path: Path, line: int, version: int) -> bytes:
    lines = data.splitlines(keepends=True)
    said = lines[line - 1]
    found = _VERSION.search(said)
    if found is not None and int(found[2]) == version:
        lines[line - 1] = said[: found.start(2)] + str(version + 1).encode() + said[found.end(2) :]
        raised = b"".join(lines)
        now, before = (parse_yaml(some.decode("utf-8-sig"), path).data for some in (raised, data))
        if now == {**before, "version": version + 1}:
            parse_scenario(parse_yaml(raised.decode("utf-8-sig"), path))
            return raised
    raise OnsiteError(
        f"{path}:{line}: the version does not stand there as `version: {version}`, on a line of its own. Write it so."
    )
