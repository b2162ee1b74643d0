"""Who grades in formgrader: nbgrader keeps the grade and not whose it is, so that the server notes it."""

import logging
import re
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

from jupyter_server.auth.identity import PasswordIdentityProvider, User
from tornado.web import RequestHandler
from traitlets import Unicode

from onsite.ledger.clicks import AUTOGRADED, COMMENTED, READ, Click, note
from onsite.ledger.snapshot import grades_of, place_of_comment, read_grade
from onsite.paths import CoursePaths
from onsite.scenario.errors import OnsiteError

_SAVED = re.compile(r"/formgrader/api/(grade|comment)/[^/]+")
_AUTOGRADED = re.compile(r"/formgrader/api/submission/[^/]+/[^/]+/autograde")
_LOG = logging.getLogger(__name__)
_MADE_UP = "Anonymous "
"""How Jupyter begins the names that it gives to browsers of which it knows nothing."""


class ReaderIdentity(PasswordIdentityProvider):
    """Whoever holds the token goes by the name that the server was started with, in place of a made-up one."""

    reader = Unicode("", help="The name of whoever works at this server.").tag(config=True)

    async def get_user(self, handler: Any) -> User | None:
        """Called by Jupyter Server on every request."""
        user = await self._get_user(handler)
        return User(username=self.reader, name=self.reader) if user and self.reader else user


def noting(course: CoursePaths, log: Callable[[RequestHandler], None]) -> Callable[[RequestHandler], None]:
    """What tornado calls at the end of every request: `log`, and a note when somebody graded in formgrader."""

    def end_of_request(handler: RequestHandler) -> None:
        log(handler)
        if handler.get_status() != HTTPStatus.OK or handler.request.method not in {"PUT", "POST"}:
            return
        try:
            if clicks := list(_clicks(course, handler)):
                note(course, clicks)
        except (OSError, OnsiteError) as error:
            # The grade itself is saved. The history will say that a reader gave it, and not which.
            _LOG.error("Who graded %s could not be noted: %s", handler.request.path, error)

    return end_of_request


def _clicks(course: CoursePaths, handler: RequestHandler) -> Iterator[Click]:
    address, method, by = handler.request.path, handler.request.method, _name_of(handler.current_user)
    if method == "PUT" and (saved := _SAVED.search(address)):
        if saved[1] == "comment":
            place = place_of_comment(course, handler.path_args[0])
            if place:
                yield Click(by, COMMENTED, *place)
        elif found := read_grade(course, handler.path_args[0]):
            yield Click(by, READ, *found[0], found[1].points)
    elif method == "POST" and _AUTOGRADED.search(address):
        scenario, learner = handler.path_args
        for place, score in grades_of(course, learner, scenario).items():
            yield Click(by, AUTOGRADED, *place, score.points)


def _name_of(user: Any) -> str:
    """The name to be noted, '' for one that Jupyter made up."""
    name = str(getattr(user, "display_name", "") or getattr(user, "name", "") or getattr(user, "username", "") or "")
    return "" if name.startswith(_MADE_UP) else "".join(letter for letter in name if letter.isprintable())[:80].strip()
