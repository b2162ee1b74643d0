"""What the preview answers, and how it bears a file that is being written."""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time

import pytest
from serving import free_port

from onsite import cli
from onsite.authoring import draft as draft_module
from onsite.authoring.draft import Draft

START_SECONDS = 30


@pytest.fixture
def course(make_course, tmp_path):
    return make_course(tmp_path / "course")


@pytest.fixture
def path(course):
    return course.solutions / "locked-door" / "scenario.yml"


def save(path, text):
    """Write the file, as an editor would, at a time that differs from the last."""
    path.write_text(text, "utf-8")
    later = path.stat().st_mtime_ns + 1_000_000
    os.utime(path, ns=(later, later))


def test_a_look_is_made_anew_only_when_the_file_changed(course, path):
    draft = Draft(course, "locked-door")
    first = draft.look()
    assert (first.number, first.broken, first.findings) == (1, False, ())
    assert draft.look() is first
    save(path, path.read_text("utf-8").replace("Liis waits.", "Liis hums."))
    second = draft.look()
    assert second.number == 2
    assert "Liis hums." in second.story.to_json()


def test_a_broken_file_keeps_the_last_story_and_says_where(course, path):
    draft = Draft(course, "locked-door")
    good = draft.look()
    text = path.read_text("utf-8")
    save(path, text.replace("goto: hall", "goto: hal", 1))
    broken = draft.look()
    line = next(n for n, row in enumerate(text.splitlines(), 1) if "goto: hall" in row)
    [finding] = broken.to_json(course.root)["findings"]
    assert broken.broken
    assert broken.story == good.story
    assert finding["where"] == f"solutions/locked-door/scenario.yml:{line}"
    assert "Did you mean 'hall'?" in finding["do"]
    save(path, text)
    assert not draft.look().broken


@pytest.mark.parametrize("text", ["", "a: [", "\x00", "- 1\n", "format: 1\nscenes: {a: {}}\n"])
def test_nothing_that_a_file_can_hold_stops_the_preview(course, path, text):
    draft = Draft(course, "locked-door")
    draft.look()
    save(path, text)
    look = draft.look()
    assert look.broken
    assert look.findings
    assert json.dumps(look.to_json(course.root))


def test_a_missing_file_and_missing_points_are_said(course, path):
    draft = Draft(course, "locked-door")
    path.rename(path.with_name("elsewhere.yml"))
    assert "cannot be read" in str(draft.look().findings[0])
    assert draft.look().to_json(course.root)["story"] is None
    path.with_name("elsewhere.yml").rename(path)
    assert not draft.look().broken
    course.points.write_text("points: 1\n", "utf-8")
    assert "source-points.yml" in draft.look().to_json(course.root)["findings"][0]["where"]


def test_a_fault_of_our_own_is_a_finding_too(course, monkeypatch):
    monkeypatch.setattr(draft_module, "examine", lambda *_: 1 / 0)
    look = Draft(course, "locked-door").look()
    assert look.broken
    assert "The preview itself failed" in look.findings[0].what


def test_findings_of_the_check_do_not_hide_the_story(course, path):
    save(path, path.read_text("utf-8").replace("          goto: shut\n", "          goto: paper\n"))
    look = Draft(course, "locked-door").look()
    assert not look.broken
    assert "No path reaches the ending 'shut'" in look.findings[0].what
    shown = look.to_json(course.root)
    assert next(place for place in shown["places"] if place["id"] == "shut")["way"] is None


def test_the_key_is_in_nothing_that_the_page_gets(course):
    shown = Draft(course, "locked-door").look().to_json(course.root)
    assert "credit" not in json.dumps({**shown, "places": []})


def test_an_unknown_scenario_is_answered_with_the_known_ones(course, monkeypatch, capsys):
    monkeypatch.chdir(course.root)
    assert cli.main(["preview", "outage"]) == 1
    told = capsys.readouterr().err
    assert "locked-door" in told
    assert "course.py new" in told


@pytest.fixture
def port(course):
    """The port of a preview running in a process of its own, with the time it took to answer."""
    number = free_port()
    # A test run that a shell put into the background would pass on that Ctrl+C is ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(
        [sys.executable, "-m", "onsite", "preview", "locked-door", "--no-browser", "--port", str(number)],
        cwd=course.root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    signal.signal(signal.SIGINT, before)
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        try:
            ask(number, "/look?number=0")
            break
        except OSError:
            time.sleep(0.05)
    yield number
    process.send_signal(signal.SIGINT) if os.name == "posix" else process.terminate()
    told, _ = process.communicate(timeout=20)
    assert "Traceback" not in told
    assert f"http://localhost:{number}/" in told


def ask(port, address, host=None, method="GET"):
    """(status, headers, body) of one request."""
    connection = http.client.HTTPConnection("localhost", port, timeout=10)
    connection.request(method, address, headers={"Host": host or f"localhost:{port}"})
    response = connection.getresponse()
    body = response.read().decode()
    connection.close()
    return response.status, response.headers, body


def test_the_server_sends_the_page_and_refuses_all_else(port):
    status, headers, page = ask(port, "/")
    assert status == 200
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    for name in re.findall(r'(?:src|href)="([a-z.]+)"', page):
        assert ask(port, f"/{name}")[0] == 200, name
    look = json.loads(ask(port, "/look?number=0")[2])
    assert look["story"]["title"] == "The locked door"
    assert ask(port, f"/look?number={look['number']}")[0] == 204
    assert ask(port, "/", host="evil.example")[0] == 403
    assert ask(port, "/../../course.py")[0] == 404
    assert ask(port, "/scenario.yml")[0] == 404
    assert ask(port, "/look", method="POST")[0] == 405
    for status_text in (ask(port, "/nothing")[2], ask(port, "/look", method="POST")[2]):
        assert "Traceback" not in status_text
