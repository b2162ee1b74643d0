"""The extension itself: which address is answered by what."""

from typing import Any

from jupyter_server.extension.application import ExtensionApp
from traitlets import Bool, Unicode

from onsite.paths import CoursePaths, find_course
from onsite.server.grader import Grader
from onsite.server.handlers import Asset, HandIn, Notebooks, Page, Result, ResultPage, Start
from onsite.server.limits import RateLimit
from onsite.server.readers import noting

PREFIX = "course"


class OnsiteExtension(ExtensionApp):
    """Serves the course at /course/."""

    name = "onsite"
    extension_url = f"/{PREFIX}/"
    load_other_extensions = True

    collect = Bool(False, help="Only gather hand-ins; grade none.").tag(config=True)
    root = Unicode("", help="The course's folder; default: the working directory's.").tag(config=True)

    def initialize_settings(self) -> None:
        """Called by Jupyter Server."""
        self.settings["log_function"] = noting(self._course(), self.settings["log_function"])

    def initialize_handlers(self) -> None:
        """Called by Jupyter Server."""
        course = self._course()
        shared: dict[str, Any] = {"course": course}
        collecting = {**shared, "grader": None if self.collect else Grader(course)}
        self.handlers.extend(
            [
                (rf"/{PREFIX}", Page, {**shared, "page": ""}),
                (rf"/{PREFIX}/hand-in", HandIn, {**collecting, "limit": RateLimit()}),
                (rf"/{PREFIX}/result/([0-9a-f]{{32}})", Result, collecting),
                (rf"/{PREFIX}/result/([0-9a-f]{{32}})/page", ResultPage, collecting),
                (rf"/{PREFIX}/start", Start),
                (rf"/{PREFIX}/notebooks", Notebooks),
                (rf"/{PREFIX}/((?:.*/)?[^/]*\.html|(?:.*/)?)", Page, shared),
                (rf"/{PREFIX}/(.*)", Asset, {"path": str(course.site)}),
            ]
        )

    def _course(self) -> CoursePaths:
        return CoursePaths(_path(self.root)) if self.root else find_course()


def _path(text: str) -> Any:
    from pathlib import Path

    return Path(text)
