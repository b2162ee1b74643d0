"""Who takes part: read as spreadsheets write it, and compared as people write names."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onsite.grading.inbox import code_of
from onsite.grading.names import fold, platform_names
from onsite.grading.roster import Person, Roster, by_roster, find_roster, read_due, read_roster, remarks
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
        (b"Name;Mail\nAna;a@example.org\n", "no column 'id'.*it says 'name', 'email'"),
        ("id,name\nE1,Jos\u00e9\n".encode("cp1252"), "not in UTF-8.*Save As.*CSV UTF-8"),
        ("id,name\nE1,Ан\u043d\u0430\n".encode("cp1251"), "not in UTF-8.*Save As.*CSV UTF-8"),
        (b"PK\3\4\x14\0\x06\0id,name", "a workbook.*Save As.*CSV UTF-8"),
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


@pytest.mark.parametrize(
    "part", ["answers.json", "week_1", "2_10_31_answers.json", "E_12", "outage-answers.json", "_1_2_x", ""]
)
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


PEOPLE = [
    Person("2", "2", "Ben Okafor"),
    Person("1006", "1006", "María García"),
    Person("1007", "1007", "María García"),
    Person("1010", "1010", "Ana Sousa", "ana@example.org"),
    Person("e17", "E17", "Li Wei"),
]
MARIA = "María García_4711_assignsubmission_file_"
ANA = "Ana Sousa_4712_assignsubmission_file_"


@pytest.mark.parametrize(
    ("typed", "parts", "student", "expected"),
    [
        ("1006", [MARIA, "a.json"], "", "1006"),
        ("María García", ["a.json"], "1007", "1007"),
        ("", [MARIA, "1007 García", "a.json"], "1007", "1007"),
        ("Anita", [ANA, "a.json"], "", "1010"),
        ("Anita", ["a.json"], "1010", "1010"),
        ("1010", ["Somebody Unknown_99_assignsubmission_file_", "a.json"], "", None),
        ("1010", ["Ana de Sousa_99_assignsubmission_file_", "a.json"], "", "1010"),
        ("Ana Sousa", ["2", "a.json"], "", "1010"),
        ("María García", ["1006", "a.json"], "1006", "1006"),
        ("", ["Ana Sousa", "a.json"], "", "1010"),
        ("", ["week 2", "e17.json"], "", "E17"),
        ("María García", ["group", "E17 and others", "ana@example.org"], "1010", None),
    ],
)
def test_everything_that_says_whose_it_is_has_to_agree_and_what_is_nobodys_does_no_harm(
    typed, parts, student, expected
):
    roster = Roster(PEOPLE)
    if expected:
        assert roster.whose(typed, parts, student).id == expected
    else:
        with pytest.raises(RecordError):
            roster.whose(typed, parts, student)


@pytest.mark.parametrize(
    ("typed", "parts", "said"),
    [
        ("Carla New", ["2", "handover-answers.json"], "'Carla New'"),
        ("Somebody Else", ["1010.json"], "'Somebody Else'"),
        ("Carla New", ["Ben Okafor", "a.json"], r"'Carla New'.*'Ben Okafor', who is Ben Okafor \(2\)"),
        ("Carla New", ["e17.json"], r"'Carla New'.*'e17', who is Li Wei \(E17\)"),
        ("1010", [MARIA, "a.json"], r"disagrees.*'1010', who is Ana Sousa \(1010\).*'María García'.*1006.*1007"),
        ("Li Wei", ["Ana Sousa", "a.json"], r"disagrees.*'Li Wei'.*'Ana Sousa'"),
        ("", [MARIA, "a.json"], "more than one person.*1006.*1007"),
        ("", ["2", "a.json"], "does not say whose"),
        ("", ["1010.json"], "does not say whose"),
        ("", ["2_1_3_answers.json"], "does not say whose"),
    ],
)
def test_what_disagrees_or_may_be_a_groups_number_is_told_and_not_guessed(typed, parts, said):
    with pytest.raises(RecordError, match=said):
        Roster(PEOPLE).whose(typed, parts)


@pytest.mark.parametrize(
    ("platform", "found"),
    [
        ("Evelyn Adams", None),
        ("Ana María Sousa (EXT)", "2"),
        ("SOUSA, Ana", "2"),
        ("Ana Sousa Lopes", "2"),
        ("asousa", "2"),
        ("Ana Lopes", None),
    ],
)
def test_a_name_that_the_platform_has_seen_and_nobody_bears_speaks_against_the_typed_one(platform, found):
    roster = Roster([Person("2", "2", "Ana Sousa"), Person("3", "3", "Ben Okafor")])
    parts = [f"{platform}_12_assignsubmission_file_", "answers.json"]
    if found:
        assert roster.whose("Ana Sousa", parts).id == found
    else:
        with pytest.raises(RecordError, match=platform):
            roster.whose("Ana Sousa", parts)
    assert Roster([Person("2", "2")]).whose("2", parts).id == "2", "where there are no names nothing speaks against it"


_WORDS = st.sampled_from(["", "Carla New", *(word for one in PEOPLE for word in (one.id, one.name, one.email))])
_FOLDERS = st.lists(_WORDS.filter(bool) | st.just("week 3"), max_size=3)
_PLATFORM = st.lists(_WORDS.filter(lambda word: "_" not in word and bool(word)), max_size=1)


@given(_WORDS, _FOLDERS, _PLATFORM, _WORDS, st.integers(0, 9999))
def test_nobody_gets_what_any_word_says_is_somebody_elses(typed, folders, platform, student, number):
    roster = Roster(PEOPLE)
    parts = [*folders, *(f"{name}_1_assignsubmission_file_" for name in platform)]

    def told(parts: list[str]) -> str:
        try:
            return roster.whose(typed, parts, student).id
        except RecordError:
            return ""

    found = told(parts)
    assert told([str(number), *parts, f"{number}.json"]) == found, "a bare number says nothing"
    counting = [typed, student, *platform, *(word for word in folders if not (word.isdecimal() and len(word) < 5))]
    if found:
        for word in counting:
            meant = {one.id for one in roster.meant_by(word)}
            assert not meant or found in meant
    if typed and not any(map(roster.meant_by, [typed, student, *platform])):
        assert not found, "the name of a folder does not outweigh the one in the record"


def roster_of(folder: Path, text: str) -> Roster:
    return read_roster(written(folder, text.encode()))


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("ID;Name;E-Mail;Gruppe", "7;Ana Sousa;a@example.org;Nord"),
        ("Personalnummer;Nachname;Vorname;E-Mail-Adresse;Abteilung", "7;Sousa;Ana;a@example.org;Nord"),
        ("Mitarbeiternummer;Name;Vorname;Mail;Team", "7;Sousa;Ana;a@example.org;Nord"),
        ("Employee ID,First name,Last name,Email address,Department", "7,Ana,Sousa,a@example.org,Nord"),
        ("Username,Full Name,E-mail,Cohort", "7,Ana Sousa,a@example.org,Nord"),
        ("Matricule;Nom;Prénom;Courriel;Équipe", "7;Sousa;Ana;a@example.org;Nord"),
        ("Legajo;Nombre;Apellidos;Correo electrónico;Grupo", "7;Ana;Sousa;a@example.org;Nord"),
        ("Student Number\tGiven Name\tName\tSurname\tMail\tClass", "7\tAna\tAna Sousa\tSousa\ta@example.org\tNord"),
        ("id,name,first name,email,group", "7,Ana Sousa,Ana,a@example.org,Nord"),
    ],
)
def test_columns_are_known_by_their_usual_names(tmp_path, header, row):
    roster = roster_of(tmp_path, f"{header}\n{row}\n")
    assert roster.people == (Person("7", "7", "Ana Sousa", "a@example.org", "Nord"),)
    assert roster.unused == ()


def test_columns_that_are_not_used_are_named_and_of_two_the_plainer_is_taken(tmp_path):
    roster = roster_of(tmp_path, "Username,ID,Name,Department,Team,Start\nana,7,Ana Sousa,Ops,Nord,Monday\n")
    assert roster.people == (Person("7", "7", "Ana Sousa", "", "Nord"),)
    path = tmp_path / "roster.csv"
    (said,) = remarks(roster, path, path)
    assert said == "Of roster.csv these columns are not used: 'username', 'department', 'start'."
    assert list(remarks(roster_of(tmp_path, "id\n7\n"), path, path)) == []


def test_a_roster_of_one_run_says_what_does_not_know_it(tmp_path):
    (said,) = remarks(roster_of(tmp_path, "id\n7\n"), tmp_path / "roster.csv", tmp_path / "course" / "roster.csv")
    assert "this run only" in said
    assert "export-person" in said
    assert "save it there" in said
    assert str(tmp_path / "course" / "roster.csv") in said


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_excels_unicode_text_is_read_by_its_mark(tmp_path, encoding):
    mark = "" if encoding == "utf-16" else "\ufeff"
    path = written(tmp_path, f"{mark}ID\tName\r\n7\tŁukasz Żak\r\n8\tकिरण\r\n".encode(encoding))
    assert [one.name for one in read_roster(path).people] == ["Łukasz Żak", "किरण"]


def test_a_workbook_in_place_of_the_csv_is_not_passed_over(tmp_path):
    assert find_roster(tmp_path / "roster.csv") is None
    (tmp_path / "roster.xlsx").write_bytes(b"PK")
    with pytest.raises(OnsiteError, match=r"roster\.xlsx cannot be read.*Save As"):
        find_roster(tmp_path / "roster.csv")
    (tmp_path / "roster.csv").write_text("id\n7\n", "utf-8")
    assert find_roster(tmp_path / "roster.csv") == tmp_path / "roster.csv"


def test_a_person_may_say_whose_a_hand_in_is_that_nothing_else_tells_of(tmp_path):
    codes = [code_of(digest * 64) for digest in "abc"]
    (tmp_path / "whose.csv").write_text(f"Record;ID\n{codes[0]};e 7\n{codes[1].upper()};\n;\n", "utf-8")
    tell = by_roster(roster_of(tmp_path, "id,name\nE-7,Ana\n8,Bo\n"))
    assert tell("Nobody Known", (), "", "a" * 64) == "e-7"
    assert tell("", (), "", "b" * 64) == "", "nobody's"
    assert tell("Bo", (), "", "a" * 64) == "8", "it is for what nothing else tells of"
    with pytest.raises(RecordError):
        tell("Nobody Known", (), "", "c" * 64)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("record,id\nrabc,9\n", "line 2: nobody in the roster has the id '9'"),
        ("record,id\nrabc,...\n", "line 2: nobody in the roster has the id"),
        ("record,id\nrabc,7\nRABC,\n", "line 3: 'rabc' stands in an earlier line"),
        ("file,id\nrabc,7\n", "no column 'record'"),
    ],
)
def test_a_line_of_whose_csv_that_says_nothing_is_named(tmp_path, text, said):
    (tmp_path / "whose.csv").write_text(text, "utf-8")
    with pytest.raises(OnsiteError, match=rf"whose\.csv.*{said}"):
        roster_of(tmp_path, "id\n7\n")
