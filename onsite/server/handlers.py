"""Answers to requests. Pages are open to whoever reaches the port; the hand-in only adds to the inbox."""

import json
import mimetypes
from http import HTTPStatus
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlparse

from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.base.handlers import JupyterHandler
from markupsafe import escape
from tornado import web

from onsite.build.sphinx_player import SERVED_MARK
from onsite.grading import inbox
from onsite.grading.names import learner_id
from onsite.paths import CoursePaths
from onsite.scenario.errors import OnsiteError, RecordError
from onsite.scenario.record import MAX_BYTES, parse_record
from onsite.server.grader import Grader
from onsite.server.limits import RateLimit

# A Windows registry may call scripts text/plain, and a browser then refuses to run a module.
mimetypes.add_type("text/javascript", ".js")

_PAGE_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; object-src 'none'; base-uri 'self'; frame-ancestors 'self'"
)
_RESULT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_NO_PAGE = "There is no such page in the course."


class CourseHandler(JupyterHandler):
    """What all of them share: the course, a policy for the browser, errors as plain words."""

    policy: ClassVar[str] = _PAGE_POLICY

    def initialize(self, course: CoursePaths | None = None, **_: Any) -> None:
        """Called by tornado with the arguments of the route."""
        if course is not None:
            self.course = course

    @property
    def content_security_policy(self) -> str:
        """Nothing is loaded from anywhere else."""
        return self.policy

    def answer(self, value: dict[str, Any], status: HTTPStatus = HTTPStatus.OK) -> None:
        """Answer with JSON."""
        self.set_status(status)
        self.set_header("Content-Type", "application/json")
        self.set_header("Cache-Control", "no-store")
        self.finish(json.dumps(value))

    def refuse(self, status: HTTPStatus, message: str) -> None:
        """Answer with a message for the person."""
        self.answer({"message": message}, status)

    def write_error(self, status_code: int, **_: Any) -> None:
        """One plain sentence; never a traceback."""
        message = _NO_PAGE if status_code == HTTPStatus.NOT_FOUND else f"That did not work (status {status_code})."
        self.set_header("Content-Type", "text/html; charset=utf-8")
        home = escape(self.base_url + "course/")
        self.finish(f'<!doctype html><title>Onsite</title><p>{message} <a href="{home}">To the front page</a></p>')


class Page(CourseHandler):
    """A page of the site, with a link to the notebooks for who holds the token."""

    @allow_unauthenticated
    def get(self, page: str = "") -> None:
        """Send the page."""
        site = self.course.site.resolve()
        path = (site / (page + "index.html" if not page or page.endswith("/") else page)).resolve()
        if not path.is_relative_to(site) or not path.is_file():
            raise web.HTTPError(HTTPStatus.NOT_FOUND)
        if not self.request.path.endswith(("/", ".html")):
            self.redirect(self.request.path + "/")
            return
        text = path.read_text("utf-8")
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-cache")
        self.finish(text.replace(SERVED_MARK, self._notebook_link() if self.current_user else ""))

    def head(self, page: str = "") -> None:
        """The same without the body."""
        self.get(page)

    def _notebook_link(self) -> str:
        address = escape(f"{self.base_url}course/notebooks")
        return f'<p class="onsite-served"><a href="{address}">Open the notebooks in JupyterLab</a></p>'


class Asset(CourseHandler, web.StaticFileHandler):
    """Any other file of the site."""

    def initialize(self, path: str) -> None:  # type: ignore[override]
        """`path`: the site's folder."""
        web.StaticFileHandler.initialize(self, path)

    @allow_unauthenticated
    async def get(self, path: str, include_body: bool = True) -> None:
        """Send the file."""
        await web.StaticFileHandler.get(self, path, include_body)

    @allow_unauthenticated
    async def head(self, path: str) -> None:
        """The same without the body."""
        await web.StaticFileHandler.get(self, path, include_body=False)

    def compute_etag(self) -> str | None:
        """tornado's, by content."""
        return web.StaticFileHandler.compute_etag(self)

    def set_extra_headers(self, path: str) -> None:
        """Ask again each time: a rebuilt course must show at once."""
        del path
        self.set_header("Cache-Control", "no-cache")


class Start(CourseHandler):
    """Where the browser is first sent, with the token: it gets its cookie and goes on to the course."""

    @web.authenticated
    def get(self) -> None:
        """Send on."""
        self.redirect(f"{self.base_url}course/")


class Notebooks(CourseHandler):
    """To JupyterLab, at the learner's own copies."""

    @web.authenticated
    def get(self) -> None:
        """Send on."""
        self.redirect(f"{self.base_url}lab/tree/work")


@web.stream_request_body
class HandIn(CourseHandler):
    """GET says what happens to a hand-in here; POST takes one."""

    def initialize(self, course: CoursePaths, grader: Grader | None, limit: RateLimit) -> None:  # type: ignore[override]
        """`grader`: None when hand-ins are only gathered."""
        super().initialize(course)
        self._grader, self._limit = grader, limit
        self._body = bytearray()

    def check_xsrf_cookie(self) -> None:
        """There is no session to ride on. `_foreign` keeps other sites from posting through a visitor's browser."""

    async def prepare(self) -> None:  # type: ignore[override]  # Jupyter's keyword is for its own subclasses
        """Refuse by the headers, before a byte of the body is kept."""
        if self.request.method == "POST":
            self.request.connection.set_max_body_size(2 * MAX_BYTES)  # type: ignore[union-attr]
        done = super().prepare()
        if done is not None:
            await done
        if self._finished or self.request.method != "POST":
            return
        if self._foreign():
            self.refuse(HTTPStatus.FORBIDDEN, "Hand-ins are taken from the course's own pages only.")
        elif int(self.request.headers.get("Content-Length") or 0) > MAX_BYTES:
            self.refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The record is too large; a real one is far smaller.")
        elif seconds := self._limit.wait(self.request.remote_ip or ""):
            self.set_header("Retry-After", str(seconds))
            message = f"Too many hand-ins at once. Your answers are safe; try again in {seconds} seconds."
            self.refuse(HTTPStatus.TOO_MANY_REQUESTS, message)

    def data_received(self, chunk: bytes) -> None:
        """Keep the body, up to the limit."""
        if len(self._body) <= MAX_BYTES:
            self._body.extend(chunk)

    @allow_unauthenticated
    def get(self) -> None:
        """The mode: 'grade' at once, or 'collect'."""
        self.answer({"mode": "grade" if self._grader else "collect"})

    @allow_unauthenticated
    def post(self) -> None:
        """Put the record into the inbox."""
        data = bytes(self._body)
        try:
            record = parse_record(data)
            if self._grader is None:
                learner_id(record.learner)
            receipt = inbox.add(self.course.inbox, data, self.course.slugs())
        except RecordError as error:
            self.refuse(HTTPStatus.BAD_REQUEST, str(error))
        except OnsiteError as error:
            self.refuse(HTTPStatus.INSUFFICIENT_STORAGE, str(error))
        except OSError:
            self.refuse(
                HTTPStatus.INSUFFICIENT_STORAGE, "The server could not store it. Your answers are safe where they are."
            )
        else:
            self._taken(receipt)

    def _taken(self, receipt: str) -> None:
        value = {"receipt": receipt}
        if self._grader:
            self._grader.submit(receipt)
            value["result"] = f"result/{receipt}"
        self.answer(value, HTTPStatus.ACCEPTED)

    def _foreign(self) -> bool:
        # A page of another site can post plain forms here; JSON needs leave that this server never gives.
        is_json = self.request.headers.get("Content-Type", "").partition(";")[0].strip() == "application/json"
        origin = self.request.headers.get("Origin")
        return not is_json or (origin is not None and urlparse(origin).netloc != self.request.host)


class Result(CourseHandler):
    """Whether a hand-in has been graded, for who holds its receipt."""

    def initialize(self, course: CoursePaths, grader: Grader | None) -> None:  # type: ignore[override]
        """`grader`: None when hand-ins are only gathered, and then there are no results here."""
        super().initialize(course)
        self._grader = grader

    @allow_unauthenticated
    def get(self, receipt: str) -> None:
        """The state: waiting, ready or failed."""
        state, message = self._grader.state(receipt) if self._grader else ("failed", "")
        if state == "waiting":
            self.answer({"state": "waiting"})
        elif state == "done" and self._feedback(receipt):
            self.answer({"state": "ready", "url": f"{receipt}/page"})
        else:
            told = message or "There is no result for this receipt here. Hand in again."
            self.answer({"state": "failed", "message": told})

    def _feedback(self, receipt: str) -> Path | None:
        if self._grader is None:
            return None
        for path in self.course.inbox.glob(f"*-{receipt}.json"):
            record = parse_record(path.read_bytes())
            learner = learner_id(record.learner or inbox.NAMELESS)
            page = self.course.feedback / learner / record.scenario / f"{record.scenario}.html"
            return page if page.is_file() else None
        return None


class ResultPage(Result):
    """The feedback page behind a receipt."""

    policy = _RESULT_POLICY

    @allow_unauthenticated
    def get(self, receipt: str) -> None:
        """Send the page nbgrader's feedback run wrote."""
        path = self._feedback(receipt)
        if path is None:
            raise web.HTTPError(HTTPStatus.NOT_FOUND)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        self.finish(path.read_text("utf-8"))
