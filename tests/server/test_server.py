"""The real server: what is open, what needs the token, and what the hand-in address takes."""

import http.client
import json
import socket
import subprocess
import sys
from typing import Any
from urllib.parse import urlparse

import pytest
from records import record
from serving import REPOSITORY, Served

from onsite.paths import CoursePaths
from onsite.server.limits import Rate, RateLimit

JSON = {"Content-Type": "application/json"}


def ask(
    served: Served, path: str, method: str = "GET", body: bytes | None = None, headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str], bytes]:
    """One request without a cookie or token."""
    url = urlparse(served.origin)
    connection = http.client.HTTPConnection(str(url.hostname), url.port, timeout=30)
    connection.request(method, path, body, headers or {})
    response = connection.getresponse()
    answer = response.status, {k.lower(): v for k, v in response.getheaders()}, response.read()
    connection.close()
    return answer


def hand_in(served: Served, value: Any, **headers: str) -> tuple[int, dict[str, Any]]:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    status, _, data = ask(served, "/course/hand-in", "POST", body, JSON | headers)
    return status, json.loads(data)


def inbox_size(served: Served) -> int:
    return len(list(CoursePaths(served.root).inbox.glob("*.json")))


def a_record(**changes: Any) -> dict[str, Any]:
    return record("outage", [("third-floor", "two-minutes")], learner="Noor Haddad") | changes


def test_course_pages_are_open_and_load_nothing_from_elsewhere(collecting: Served):
    status, headers, body = ask(collecting, "/course/exercises/outage/outage.html")
    assert status == 200
    assert "default-src 'self'" in headers["content-security-policy"]
    assert b"onsite-player" in body
    assert b"Open the notebooks" not in body, "a stranger is not shown the way to JupyterLab"


@pytest.mark.parametrize(
    "path",
    [
        "/course/../nbgrader_config.py",
        "/course/%2e%2e/%2e%2e/solutions/outage/scenario.yml",
        "/course/..%2f..%2fsolutions/outage/scenario.yml",
        "/course/solutions/outage/scenario.yml",
        "/course/_sources/exercises/outage/outage.ipynb",
        "/course/nothing-here.html",
        "/course/nothing/",
    ],
)
def test_nothing_outside_the_site_is_served(collecting: Served, path):
    status, _, body = ask(collecting, path)
    assert status in {403, 404}
    assert b"credit" not in body
    assert b"Traceback" not in body


@pytest.mark.parametrize("path", ["/lab", "/tree", "/api/contents", "/api/kernels", "/formgrader", "/course/notebooks"])
def test_everything_else_needs_the_token(collecting: Served, path):
    status, headers, _ = ask(collecting, path)
    assert status == 403 or "/login" in headers.get("location", ""), f"{path} answered {status}"


def test_a_hand_in_is_added_and_answered_with_a_receipt(collecting: Served):
    before = inbox_size(collecting)
    status, answer = hand_in(collecting, a_record())
    assert status == 202
    assert len(answer["receipt"]) == 32
    assert "result" not in answer, "while collecting nothing is graded"
    assert inbox_size(collecting) == before + 1


@pytest.mark.parametrize(
    ("value", "status", "said"),
    [
        (b"{", 400, "not complete JSON"),
        (b"[" * 50_000, 400, "nested"),
        (b'{"a":' * 9 + b"1" + b"}" * 9, 400, "nested"),
        (b"x" * 256_001, 413, "too large"),
        (a_record(scenario="no-such"), 400, "no scenario"),
        (a_record(learner="..."), 400, "letter or digit"),
        (a_record(learner=""), 400, "letter or digit"),
        (a_record(events=[]), 400, "Nothing has been answered"),
        (a_record(extra=1), 400, "does not belong"),
    ],
)
def test_what_is_no_record_is_refused_with_a_reason_and_not_kept(collecting: Served, value, status, said):
    before = inbox_size(collecting)
    got, answer = hand_in(collecting, value)
    assert (got, inbox_size(collecting)) == (status, before)
    assert said in answer["message"]


def test_other_sites_cannot_post_through_a_visitors_browser(collecting: Served):
    before = inbox_size(collecting)
    assert hand_in(collecting, a_record(), Origin="http://evil.example")[0] == 403
    body = json.dumps(a_record()).encode()
    assert ask(collecting, "/course/hand-in", "POST", body, {"Content-Type": "text/plain"})[0] == 403
    assert ask(collecting, "/course/hand-in", "POST", body, {**JSON, "Host": "evil.example"})[0] == 403
    assert inbox_size(collecting) == before


def test_a_body_that_lies_about_its_length_is_cut_off(collecting: Served):
    url = urlparse(collecting.origin)
    with socket.create_connection((url.hostname, url.port), timeout=20) as connection:
        head = f"POST /course/hand-in HTTP/1.1\r\nHost: {url.netloc}\r\nContent-Type: application/json\r\n"
        connection.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
        chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
        sent = 0
        try:
            for _ in range(64):
                connection.sendall(chunk)
                sent += 0x10000
            answer = connection.recv(1000)
        except OSError:
            answer = b""
    assert b" 202 " not in answer
    assert sent < 64 * 0x10000 or answer == b"" or b" 4" in answer[:20], answer[:200]


def test_results_of_others_cannot_be_read(collecting: Served, served: Served):
    _, answer = hand_in(collecting, a_record())
    receipt = answer["receipt"]
    for server in (collecting, served):
        status, _, body = ask(server, f"/course/result/{receipt}")
        assert json.loads(body)["state"] == "failed"
        assert ask(server, f"/course/result/{receipt}/page")[0] == 404
    assert status == 200


def test_many_at_once_from_one_room_are_fine_and_a_flood_is_not():
    now = [0.0]
    limit = RateLimit(Rate(3, 1.0), Rate(5, 1.0), clock=lambda: now[0])
    assert [limit.wait("a") for _ in range(4)] == [0, 0, 0, 2]
    assert [limit.wait("b") for _ in range(3)] == [0, 0, 2], "all addresses together have a limit too"
    now[0] = 10.0
    assert limit.wait("a") == 0


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "onsite", *arguments]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False, timeout=60)


def test_a_port_in_use_is_said_with_what_to_do():
    with socket.socket() as taken:
        taken.bind(("localhost", 0))
        taken.listen()
        done = run("--no-browser", "--port", str(taken.getsockname()[1]))
    assert done.returncode == 1
    assert "cannot be used" in done.stderr
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("port", ["0", "70000", "eighty"])
def test_a_port_that_is_none_is_wrong_usage(port):
    done = run("--port", port)
    assert done.returncode == 2
    assert "is not a port" in done.stderr


def test_an_unknown_command_is_wrong_usage():
    done = run("serve-me")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_outside_a_course_the_command_says_where_to_go(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "onsite", "check"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "not inside an Onsite course" in done.stderr
