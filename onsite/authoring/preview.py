"""The preview: one scenario in the browser as its player shows it, following the file while it is written.

Listens on this machine only and answers nothing but GET. The page asks a few times a second whether the file has
changed; that costs two looks at modification times.
"""

import asyncio
import json
import threading
import webbrowser
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from importlib.resources import files
from typing import Any

from tornado import web
from tornado.httpserver import HTTPServer

from onsite.authoring.draft import Draft
from onsite.build.scenario_map import map_stylesheet
from onsite.paths import CoursePaths
from onsite.player import assets
from onsite.scenario.errors import OnsiteError
from onsite.scenario.load import FILE_NAME
from onsite.server.ports import choose_port

HOST = "localhost"
FIRST_PORT = 8788  # away from the course's own, whose pages keep their answers by host and port
_SETTLE_SECONDS = 0.05
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_NAMES = {HOST, "127.0.0.1", "::1"}


def preview(
    course: CoursePaths, slug: str, port: int | None, say: Callable[[str], None], *, open_browser: bool
) -> None:
    """Serve the preview of solutions/<slug> until Ctrl+C. Raises OnsiteError for an unknown slug or a taken port."""
    if slug not in course.slugs():
        known = ", ".join(course.slugs()) or "none yet"
        raise OnsiteError(
            f"There is no solutions/{slug}/{FILE_NAME}. Scenarios of this course: {known}. "
            "Start one with `python3 course.py new NAME`."
        )
    port = choose_port(HOST, port, FIRST_PORT)
    asyncio.run(_serve(course, slug, port, say, open_browser))


async def _serve(course: CoursePaths, slug: str, port: int, say: Callable[[str], None], open_browser: bool) -> None:
    server = HTTPServer(application(course, slug))
    server.listen(port, HOST)
    address = f"http://{HOST}:{port}/"
    say(f"The preview is at {address}\nIt follows solutions/{slug}/{FILE_NAME}. Stop with Ctrl+C.")
    if open_browser:
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
    await asyncio.Event().wait()


def application(course: CoursePaths, slug: str) -> web.Application:
    """The preview of one scenario as a tornado application."""
    pieces = {
        "": Piece("text/html", _own("templates/preview.html").replace("@@slug", slug)),
        "preview.js": Piece("text/javascript", _own("static/preview.js")),
        "preview.css": Piece("text/css", _own("static/preview.css")),
        "player.js": Piece("text/javascript", assets.module()),
        "player.css": Piece("text/css", assets.stylesheet()),
        "map.css": Piece("text/css", map_stylesheet()),
        "strings.json": Piece("application/json", json.dumps(assets.strings())),
    }
    return web.Application(
        [(r"/look", LookHandler, {"draft": Draft(course, slug), "course": course}), (r"/(.*)", PieceHandler, pieces)],
        log_function=lambda _: None,
        xheaders=False,
    )


def _own(name: str) -> str:
    return files("onsite.authoring").joinpath(name).read_text("utf-8")


@dataclass(frozen=True)
class Piece:
    """A file of the preview's page."""

    kind: str
    text: str


class _Handler(web.RequestHandler):
    def set_default_headers(self) -> None:
        self.set_header("Content-Security-Policy", _POLICY)
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("Cache-Control", "no-store")

    def prepare(self) -> None:
        # A foreign page whose name is made to point at this machine must not read somebody's draft.
        if self.request.host_name not in _NAMES:
            raise web.HTTPError(HTTPStatus.FORBIDDEN)

    def write_error(self, status_code: int, **_: Any) -> None:
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(f"This is the preview of a scenario; there is nothing at this address (status {status_code}).")


class PieceHandler(_Handler):
    """The page and what belongs to it."""

    def initialize(self, **pieces: Piece) -> None:
        """The pieces by their address."""
        self._pieces = pieces

    def get(self, name: str) -> None:
        """Send one."""
        if name not in self._pieces:
            raise web.HTTPError(HTTPStatus.NOT_FOUND)
        self.set_header("Content-Type", f"{self._pieces[name].kind}; charset=utf-8")
        self.finish(self._pieces[name].text)


class LookHandler(_Handler):
    """The draft as it is now, or nothing when the page has seen it: /look?number=3."""

    def initialize(self, draft: Draft, course: CoursePaths) -> None:
        """The draft, and the course from whose folder paths are shown."""
        self._draft, self._course = draft, course

    async def get(self) -> None:
        """Send it."""
        stamp = self._draft.stamp()
        if stamp != self._draft.seen:
            # Some editors empty a file and then write it: wait until it has settled.
            for _ in range(10):
                await asyncio.sleep(_SETTLE_SECONDS)
                before, stamp = stamp, self._draft.stamp()
                if before == stamp:
                    break
        look = self._draft.look()
        if self.get_query_argument("number", "") == str(look.number):
            self.set_status(HTTPStatus.NO_CONTENT)
            return
        self.finish(look.to_json(self._course.root))
