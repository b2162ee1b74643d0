"""The roster: who is who, and what is said when it cannot be used."""

import pytest

from onsite.report.roster import read_roster, roster_of
from onsite.scenario.errors import OnsiteError

ADA = {"id": "17", "name": "Ada Byron", "email": "ada@example.org", "group": "Lisbon"}
OTHER_ADA = {"id": "18", "name": "Ada Byron", "email": "byron@example.org", "group": "Pune"}


def test_a_person_is_found_by_id_email_and_name():
    roster = roster_of([ADA])
    assert [roster.person(one) for one in ("17", "ada@example.org", "ada-byron", "grace")] == ["17", "17", "17", None]


def test_a_name_that_two_share_says_nothing():
    roster = roster_of([ADA, OTHER_ADA])
    assert roster.person("ada-byron") is None
    assert roster.person("18") == "18"


def test_an_id_goes_before_somebody_elses_name():
    roster = roster_of([ADA, {"id": "Ada Byron", "name": "", "email": "", "group": "Pune"}])
    assert roster.groups[roster.person("ada-byron")] == "Pune"


def test_it_is_read_as_spreadsheets_write_it(tmp_path):
    path = tmp_path / "roster.csv"
    path.write_text("\ufeffID;Name;Email;Group\n17;Ada Byron;ada@example.org;Lisbon\n;;;\n", "utf-8")
    assert read_roster(path).groups == {"17": "Lisbon"}


def test_without_a_roster_there_is_none(tmp_path):
    assert read_roster(tmp_path / "roster.csv") is None


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"name,group\nAda,Lisbon\n", "no column 'id'"),
        (b"id,name\n1,Ada\n", "no column 'group'"),
        (b"id,group\n1,A\n1,B\n", "twice"),
        (b"id,group\n\xff\xfe,A\n", "UTF-8"),
    ],
)
def test_a_roster_that_cannot_be_used_says_what_to_do(tmp_path, content, words):
    path = tmp_path / "roster.csv"
    path.write_bytes(content)
    with pytest.raises(OnsiteError, match=words):
        read_roster(path)
