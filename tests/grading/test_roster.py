"""Who takes part: read as spreadsheets write it, and compared as people write names."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from onsite.grading.names import fold, platform_names
from onsite.grading.roster import read_due, read_roster
from onsite.scenario.errors import OnsiteError, RecordError


def written(folder: Path, data: bytes) -> Path:
    path = folder / "roster.csv"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "with a byte order mark"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_every_spreadsheets_csv_is_read(tmp_path, mark, delimiter, ending):
    rows = [["ID", " Name", "Email", "Group"], ["E1", '"Sousa, Ana"', "ana@example.org", "north"], ["", "", "", ""]]
    text = ending.join(delimiter.join(row) for row in rows) + ending
    (person,) = read_roster(written(tmp_path, mark + text.encode())).people
    assert (person.learner, person.id, person.name, person.group) == ("e1", "E1", "Sousa, Ana", "north")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"name\nAna\n", "no column 'id'"),
        (b"id\nE1\ne1\n", "line 3.*earlier line"),
        (b"id\n...\n", "line 2.*letter or digit"),
        (b"id\n", "names nobody"),
        ("id,name\nE1,Jos\u00e9\n".encode("latin-1"), "not in UTF-8"),
        (b'id,name\nE1,"Ana\nE2,Bo\n', "line 2: "),
        (b'id,name\nE1,"Ana\n', "line 2: "),
    ],
)
def test_a_roster_that_cannot_be_used_says_where(tmp_path, data, said):
    with pytest.raises(OnsiteError, match=said):
        read_roster(written(tmp_path, data))


def test_a_roster_that_is_not_there_is_named(tmp_path):
    with pytest.raises(OnsiteError, match="cannot be read"):
        read_roster(tmp_path / "none.csv")


ROSTER = "id,name,email\n7,Ana Sousa,ana@example.org\n8,किरण,\n9,करण,\n10,Ada King Lovelace,\n11,O'Brien Mc Coy,\n"


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("ana  SOUSA", "7"),
        ("Sousa, Ana", "7"),
        ("7", "7"),
        ("ANA@example.org", "7"),
        ("\uff21\uff4e\uff41 Sousa", "7"),
        ("किरण", "8"),
        ("करण", "9"),
        ("Lovelace Ada King", "10"),
        ("king lovelace ada", "10"),
        ("OBrien mccoy", "11"),
        ("Aná Sousa", None),
        ("Ana", None),
        ("", None),
    ],
)
def test_a_person_is_known_by_id_name_or_address_and_by_nothing_less(tmp_path, typed, expected):
    roster = read_roster(written(tmp_path, ROSTER.encode()))
    if expected:
        assert roster.whose(typed, ()).id == expected
    else:
        with pytest.raises(RecordError):
            roster.whose(typed, ())


def test_names_that_differ_in_a_vowel_sign_stay_apart():
    assert fold("किरण") != fold("करण")
    assert fold("Jose\u0301") == fold("José") != fold("Jose")


@pytest.mark.parametrize("part", ["answers.json", "week_1", "E_12", "outage-answers.json", "_1_2_x", ""])
def test_an_ordinary_name_is_no_platforms(part):
    assert platform_names([part]) == []


def test_due_dates_are_days_or_moments(tmp_path):
    path = tmp_path / "due.csv"
    path.write_text("scenario;due\na;2026-11-30\nb;2026-11-30 18:00+02:00\n", "utf-8")
    due = read_due(path, ["a", "b"])
    assert due["b"] == datetime(2026, 11, 30, 16, tzinfo=UTC)
    assert due["a"].astimezone().strftime("%d %H:%M") == "30 23:59"


@pytest.mark.parametrize(("row", "said"), [("a,soon", "'soon' is no date"), ("c,2026-11-30", "no scenario 'c'")])
def test_a_due_date_that_says_nothing_is_named(tmp_path, row, said):
    path = tmp_path / "due.csv"
    path.write_text(f"scenario,due\n{row}\n", "utf-8")
    with pytest.raises(OnsiteError, match=f"line 2.*{said}"):
        read_due(path, ["a"])
