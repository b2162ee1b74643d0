"""A certificate for whoever has passed, that nobody else can make."""

import io
import json
import os
import re
import shutil
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from fontTools.ttLib import TTFont
from pypdf import PdfReader

from onsite.certificate.content import Certificate, clean, code_of, read_code
from onsite.certificate.fonts import find_fonts, region_of
from onsite.certificate.issue import issue
from onsite.certificate.page import certificate_pdf
from onsite.certificate.rule import read_rule
from onsite.certificate.verify import verify
from onsite.ledger.audit import audit
from onsite.ledger.store import history_file, read_stored
from onsite.paths import CoursePaths
from onsite.scenario.errors import OnsiteError

SLUG = "locked-door"
# The tiny scenario is worth 20 points and passed from 65 %, which is 13.
PASS = {"report": 6.0, "estimate": 7.0}


CHEROKEE = "\u13a0"
"""A letter for which no font is installed."""


@pytest.fixture
def fonts(tmp_path: Path):
    return find_fonts(tmp_path / "none")


def about(name: str, scenarios: int = 1) -> Certificate:
    titles = tuple((f"Story number {number}", "2026-11-22") for number in range(scenarios))
    return Certificate(name, "Onsite", "working at a client's location", titles, "2026-11-22", "Example Ltd", "")


def made(name: str, fonts, scenarios: int = 1) -> bytes:
    certificate = about(name, scenarios)
    return certificate_pdf(certificate, code_of(certificate, b"k" * 64), fonts)


def text_of(data: bytes) -> str:
    page = pypdfium2.PdfDocument(data)[0]
    return page.get_textpage().get_text_bounded()


# --- who gets one -----------------------------------------------------------------------------------------


def test_whoever_passed_gets_one_and_whoever_did_not_is_told_what_is_missing(course, command, capsys):
    assert command("certificate") == 0
    said = capsys.readouterr().out
    assert [path.parent.name for path in course.certificates.glob("*/*.pdf")] == ["ana-sousa"]
    assert "Not passed everything yet: 1." in said
    assert command("certificate", "bo-li") == 1
    assert f"{SLUG}: 7 points, passed from 13" in capsys.readouterr().out


def test_it_says_how_far_it_has_come(course):
    seen = []
    issue(course, progress=lambda *said: seen.append(said))
    assert seen == [("Certificates", 1, 2), ("Certificates", 2, 2)]


def test_it_shows_name_scenario_day_and_code_on_one_page_and_no_points(course, command):
    command("certificate", "ana-sousa")
    (path,) = course.certificates.glob("ana-sousa/*.pdf")
    assert len(PdfReader(path).pages) == 1
    text = text_of(path.read_bytes())
    for word in ("Ana Sousa", "The locked door", "22 November 2026", path.stem.removeprefix("certificate-")):
        assert word in text
    assert not re.search(r"\b16\b|points|%", text)


@pytest.fixture
def clock_of():
    """clock_of("America/Los_Angeles"): from now on this computer stands there."""
    with pytest.MonkeyPatch.context() as patched:
        yield lambda zone: (patched.setenv("TZ", zone), time.tzset())
    time.tzset()


@pytest.mark.skipif(os.name == "nt", reason="the time zone of a process is of Unix")
@pytest.mark.parametrize(
    ("zone", "day"), [("UTC", 22), ("America/Los_Angeles", 22), ("Pacific/Auckland", 22), ("Pacific/Kiritimati", 23)]
)
def test_the_day_is_that_of_the_computers_own_calendar(graded, clock_of, zone, day):
    clock_of(zone)
    with graded.gradebook() as gradebook:  # 10:30 in UTC
        gradebook.find_submission(SLUG, "ana-sousa").timestamp = datetime(2026, 11, 22, 10, 30)
        gradebook.db.commit()
    (path,) = issue(graded.course).made.values()
    said = json.loads(path.with_suffix(".json").read_bytes())["certificate"]
    assert said["scenarios"] == [["The locked door", f"2026-11-{day}"]]


@pytest.mark.skipif(os.name == "nt", reason="the time zone of a process is of Unix")
def test_a_computer_that_moves_makes_no_second_certificate_and_a_later_hand_in_does(graded, clock_of):
    def comes(*at: int) -> None:
        with graded.gradebook() as gradebook:
            gradebook.find_submission(SLUG, "ana-sousa").timestamp = datetime(*at)
            gradebook.db.commit()

    clock_of("UTC")
    comes(2026, 11, 22, 23, 30)
    first = issue(graded.course).made
    clock_of("Asia/Tokyo")
    again = issue(graded.course)
    assert (again.made, again.kept) == ({}, first)
    comes(2026, 11, 25, 9, 0)
    assert issue(graded.course).made != first


def test_the_pass_mark_is_the_limit(graded):
    graded.hand_in("On It", "on-it", **PASS)
    graded.hand_in("Under It", "under-it", report=6.0, estimate=6.99)
    done = issue(graded.course)
    assert "on-it" in done.made
    assert "under-it" in [standing.learner for standing in done.missing]


def test_a_text_nobody_has_read_counts_nothing_and_is_named(graded):
    graded.hand_in("Wait", "wait", report=6.0, estimate=6.0)
    (standing,) = [one for one in issue(graded.course).missing if one.learner == "wait"]
    assert standing.missing[SLUG] == "12 points, passed from 13; a text waits to be read"


def test_points_for_a_text_in_whose_place_another_came_pass_nobody(graded):
    graded.hand_in("Cy", "cy", report=6.0, estimate=5.0)
    graded.grade("cy", "note", manual=4.0)
    with graded.gradebook() as gradebook:
        gradebook.find_grade("decision-note", SLUG, SLUG, "cy").needs_manual_grade = True
        gradebook.db.commit()
    (standing,) = [one for one in issue(graded.course).missing if one.learner == "cy"]
    assert standing.missing[SLUG] == "11 points, passed from 13; a text waits to be read"
    assert standing.waiting == {SLUG: 4.0}
    graded.grade("cy", "note", manual=4.0)
    assert "cy" in issue(graded.course).made


def test_the_rule_says_which_scenarios_it_takes(graded):
    course = graded.course
    shutil.copytree(course.solutions / SLUG, course.solutions / "other-door")
    assert issue(course).made == {}, "every scenario, when there is no rule"
    course.rule.write_text("leave_out: [other-door]\nissued_by: Example Ltd\n", "utf-8")
    (path,) = issue(course).made.values()
    assert "Example Ltd" in text_of(path.read_bytes())
    course.rule.write_text(f"needed: [{SLUG}, other-door]\n", "utf-8")
    done = issue(course, ["ana-sousa"])
    assert [one.missing for one in done.missing] == [{"other-door": "not handed in"}]


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("needed: [no-such]", "no-such"), ("leaveout: []", "leaveout"), ("needed: 3", "needed"),
        ("- a", "The keys are"),
        ("needed: [", "YAML"), (f"leave_out: [{SLUG}]", "leaves no scenario"), ("course: ''", "course"),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_be_used_is_said_with_its_file(course, command, capsys, rule, said):
    course.rule.write_text(rule, "utf-8")
    assert command("certificate") == 1
    error = capsys.readouterr().err
    assert said in error
    assert "course-rule.yml" in error


def test_the_courses_own_rule_leaves_out_the_tests_before_and_after(repository):
    course = CoursePaths(repository)
    slugs = read_rule(course.rule, course.slugs()).slugs(course.slugs())
    assert len(slugs) == len(course.slugs()) - 2
    assert not [slug for slug in slugs if slug.endswith("-test")]


def test_a_second_run_makes_nothing_new_and_a_corrected_name_makes_a_new_one(course):
    (first,) = issue(course).made.values()
    before = first.read_bytes()
    assert issue(course).made == {}
    assert first.read_bytes() == before
    course.roster.write_text("id,name\nana-sousa,Ana María Sousa\n", "utf-8")
    (second,) = issue(course).made.values()
    assert second != first
    assert verify(course, str(first)).certificate is not None, "what was given out stays genuine"


# --- what is genuine --------------------------------------------------------------------------------------


def test_a_code_and_a_file_are_known_again(course, command, capsys):
    command("certificate")
    (path,) = course.certificates.glob("*/*.pdf")
    code = path.stem.removeprefix("certificate-")
    capsys.readouterr()
    for what in (code, code.lower().replace("-", " "), code.replace("0", "O").replace("1", "l"), path):
        assert command("verify", what) == 0
        said = capsys.readouterr().out
        assert "Ana Sousa" in said
        assert "The locked door" in said
    assert "to the byte" in said


def test_another_code_is_not_known(command, capsys):
    command("certificate")
    assert command("verify", "00000-00000-00000-00000") == 1
    assert command("verify", "hello") == 1
    assert "neither a file" in capsys.readouterr().err


@pytest.mark.parametrize("what", ["x" * 300, "x/" * 3000, "\0", ""], ids=["long", "deep", "null", "nothing"])
def test_what_can_be_no_file_and_is_no_code_is_said_in_a_line(command, capsys, what):
    command("certificate")
    assert command("verify", what) == 1
    assert "neither a file" in capsys.readouterr().err


def test_to_check_a_code_loads_nothing_that_makes_certificates_or_reads_pdf_files():
    """Somebody waits for the answer at the telephone."""
    blocked = "import sys; sys.modules.update(dict.fromkeys(['fpdf', 'uharfbuzz', 'fontTools', 'segno', 'pypdf']))"
    done = subprocess.run([sys.executable, "-c", f"{blocked}; import onsite.certificate.verify"], check=False)
    assert done.returncode == 0


def test_a_package_that_is_missing_for_a_file_is_named(course, command, capsys, monkeypatch):
    (path,) = issue(course).made.values()
    monkeypatch.setitem(sys.modules, "pypdf", None)
    assert command("verify", path) == 1
    assert "package pypdf, which is not installed" in capsys.readouterr().err


def test_a_file_with_changed_content_is_not_genuine(course, fonts):
    (path,) = issue(course).made.values()
    code = path.stem.removeprefix("certificate-")
    said = json.loads(path.with_suffix(".json").read_text("utf-8"))["certificate"]
    scenarios = tuple((title, day) for title, day in said["scenarios"])
    forged = Certificate("Eve Forger", said["course"], said["about"], scenarios, said["issued"], "", "")
    other = course.root / "forged.pdf"
    other.write_bytes(certificate_pdf(forged, code, fonts))
    verdict = verify(course, str(other))
    assert verdict.certificate is None
    assert "NOT genuine" in verdict.words


def test_a_file_that_shows_something_else_around_genuine_content_is_not_trusted(course):
    (path,) = issue(course).made.values()
    other = course.root / "touched.pdf"
    other.write_bytes(path.read_bytes() + b"\n% a comment more\n")
    verdict = verify(course, str(other))
    assert verdict.certificate is not None
    assert "trust only what follows" in verdict.words


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7\n", b"hello", b"%PDF-1.7\n" + b"<<" * 20000, b"\0" * 100])
def test_strange_files_are_no_certificates(course, data):
    issue(course)
    path = course.root / "strange.pdf"
    path.write_bytes(data)
    assert verify(course, str(path)).certificate is None


def test_another_key_makes_another_code_and_without_the_key_it_is_said(course, command, capsys):
    (path,) = issue(course).made.values()
    key = course.private / "certificate.key"
    assert key.stat().st_mode & 0o077 == 0
    key.write_text("0" * 64)
    assert verify(course, str(path)).certificate is None
    key.unlink()
    assert command("verify", path) == 1
    assert "Bring it back from a backup" in capsys.readouterr().err


def test_an_edited_register_makes_nothing_genuine(course, command):
    (path,) = issue(course).made.values()
    register = path.with_suffix(".json")
    register.write_text(register.read_text("utf-8").replace("Ana Sousa", "Eve Forger"), "utf-8")
    assert command("verify", path.stem.removeprefix("certificate-")) == 1


def test_every_part_of_the_content_is_in_the_code():
    certificate = about("Ana")
    codes = {code_of(certificate, b"k" * 64), code_of(certificate, b"l" * 64)}
    for name in ("name", "course", "about", "issued", "issued_by", "signed_by"):
        codes.add(code_of(Certificate(**{**certificate.__dict__, name: "changed"}), b"k" * 64))
    codes.add(code_of(Certificate(**{**certificate.__dict__, "scenarios": (("Other", "2026-11-22"),)}), b"k" * 64))
    codes.add(code_of(Certificate(**{**certificate.__dict__, "scenarios": ()}), b"k" * 64))
    assert len(codes) == 10
    assert all(read_code(code) == code for code in codes)


# --- what becomes of it -----------------------------------------------------------------------------------


@pytest.fixture
def paper(course) -> Path:
    """Ana Sousa's certificate."""
    (path,) = issue(course).made.values()
    return path


def test_an_issued_certificate_is_in_the_history_and_holds(course, paper, command, capsys):
    assert command("verify", paper) == 0
    assert "It still holds" in capsys.readouterr().out
    assert audit(course).faults == []
    assert command("history", "ana-sousa") == 0
    assert "ana-sousa  certificate certified  by hr: passed" in capsys.readouterr().out
    data = history_file(course).read_text()
    assert paper.stem.removeprefix("certificate-") not in data, "who holds the paper must not find its grades by it"


def test_a_grade_that_drops_takes_the_certificate_along_and_back(graded, paper, command, capsys):
    course = graded.course
    code = paper.stem.removeprefix("certificate-")
    graded.grade("ana-sousa", "estimate", 2.0)
    assert command("verify", code) == 1
    said = capsys.readouterr()
    assert "Genuine." in said.out
    assert "NOT hold any more: a grade changed, and this is not passed now: The locked door" in said.err
    assert "has not been withdrawn yet" in said.err
    assert command("certificate") == 1
    assert f"Withdrawn, for {SLUG} is not passed any more: {paper}" in capsys.readouterr().err
    assert command("verify", paper) == 1
    assert "It was withdrawn." in capsys.readouterr().err
    assert command("history") == 0
    assert f"certificate withdrawn  by hr: not passed any more: {SLUG}" in capsys.readouterr().out
    assert audit(course).faults == []
    entries = len(read_stored(course).chain.entries)
    assert command("certificate") == 1
    assert len(read_stored(course).chain.entries) == entries, "it is withdrawn once"
    graded.grade("ana-sousa", "estimate", 10.0)
    capsys.readouterr()
    assert command("verify", code) == 1
    assert "It is passed again" in capsys.readouterr().err
    assert command("certificate") == 0
    assert "holds again" in capsys.readouterr().out
    assert command("verify", code) == 0
    assert audit(course).faults == []


def test_a_text_that_waits_and_a_grade_that_is_gone_withdraw_nothing(graded, paper):
    course = graded.course
    graded.grade("ana-sousa", "estimate", None)
    assert issue(course).withdrawn == {}
    assert verify(course, str(paper)).holds is None, "6 points and 14 that somebody may give, of 13"
    with graded.gradebook() as gradebook:
        gradebook.remove_student("ana-sousa")
    assert issue(course).withdrawn == {}
    assert verify(course, str(paper)).holds is None


def test_a_pass_mark_that_is_raised_later_withdraws_nothing(course, paper):
    path = course.solutions / SLUG / "scenario.yml"
    text = path.read_text("utf-8")
    path.write_text(text.replace("\nminutes: ", "\npass_mark: 95\nminutes: "), "utf-8")
    assert path.read_text("utf-8") != text
    done = issue(course)
    assert [one.learner for one in done.missing] == ["ana-sousa", "bo-li"]
    assert done.withdrawn == {}
    assert verify(course, str(paper)).holds is True


def test_what_was_issued_before_the_history_knew_of_certificates_is_entered(course, paper):
    register = paper.with_suffix(".json")
    said = json.loads(register.read_text("utf-8"))
    del said["needed"]
    register.write_text(json.dumps(said), "utf-8")
    assert len(audit(course).faults) == 2, "it is not what was entered, and what was entered is gone"
    issue(course)
    assert verify(course, str(paper)).holds is True
    assert [fault.what for fault in audit(course).faults] == [
        "what was put down when a certificate was issued is gone or changed."
    ]


def test_of_an_erased_person_the_paper_is_genuine_and_no_more_is_known(paper, command, capsys, tmp_path):
    copy = tmp_path / "hers.pdf"
    shutil.copyfile(paper, copy)
    command("erase-person", "ana-sousa", "--yes")
    capsys.readouterr()
    assert command("verify", copy) == 0
    assert "nobody can say what holds today" in capsys.readouterr().out


@pytest.mark.parametrize("what", ["edited", "gone", "put in", "pdf changed"])
def test_a_register_that_somebody_touched_shows(paper, what, command, capsys):
    register = paper.with_suffix(".json")
    if what == "edited":
        register.write_text(register.read_text("utf-8").replace('"locked-door": 13', '"locked-door": 1'), "utf-8")
    elif what == "gone":
        register.unlink()
    elif what == "put in":
        other = register.parent.with_name("bo-li")
        other.mkdir()
        shutil.copyfile(register, other / register.name)
    else:
        paper.write_bytes(paper.read_bytes() + b"%")
    assert command("audit") == 1
    assert "certificates" in capsys.readouterr().err


def test_no_certificate_is_issued_on_a_history_that_was_tampered_with(course, command, capsys):
    path = history_file(course)
    path.write_bytes(path.read_bytes()[:-300])
    assert command("certificate") == 1
    assert "course.py audit" in capsys.readouterr().err
    assert list(course.certificates.glob("*/*.pdf")) == []


# --- names are data ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "Zoë Öztürk-Łęcka", "Анна Каренина", "Αθηνά Παπαδοπούλου", "محمد بن سلمان", "שרה כהן", "आर्या शर्मा", "ஆர்யா",
        "สมชาย ใจดี", "ნინო", "Արամ", "አበበ", "Nguyễn Thị Ánh", "O'Neill", "ខ្មែរ", "ဗမာ", "বাংলা", "ਗੁਰਮੀਤ",
    ],
)  # fmt: skip
def test_names_of_many_scripts_are_printed_with_a_glyph_for_every_letter(name, fonts):
    data = made(name, fonts)
    fonts_inside = PdfReader(io.BytesIO(data)).pages[0]["/Resources"]["/Font"]
    assert len(fonts_inside) >= 1
    shown = "".join(text_of(data).split())
    letters = [letter for letter in clean(name) if letter.isalpha()]
    # Shaping joins and reorders, and a PDF may keep the shape for the letter: most must still be found.
    assert sum(letter in shown for letter in letters) >= 0.5 * len(letters)


@pytest.mark.parametrize(
    "name", ["山田 太郎", "さくら 直子", "김민수", "태현 Ana-María", "李明", "王曉明", "𠮷田 髙橋", "司马 骨"]
)  # fmt: skip
def test_chinese_japanese_and_korean_names_are_printed_and_can_be_copied(name, fonts):
    data = made(name, fonts)
    assert name in text_of(data)
    assert len(data) < 60_000, "of a font of 20 MB the letters of one name are in it"
    assert data == made(name, fonts), "the same bytes for the same content"


@pytest.mark.parametrize(
    ("text", "otherwise", "region"),
    [
        ("さくら 直子", "simplified", "japanese"), ("김민수", "simplified", "korean"),
        ("李明", "simplified", "simplified"), ("李明", "korean", "korean"), ("马骏", "japanese", "simplified"),
        ("王曉明", "simplified", "traditional"),
        ("国広 働", "simplified", "japanese"), ("𠮷", "traditional", "traditional"), ("Ana", "korean", "korean"),
    ],
)  # fmt: skip
def test_chinese_characters_are_drawn_as_where_the_name_is_from(text, otherwise, region):
    assert region_of(text, otherwise) == region


def test_each_region_has_its_own_shapes(tmp_path):
    pictures = {
        pypdfium2.PdfDocument(made("直骨", find_fonts(tmp_path, region)))[0].render(scale=1).to_pil().tobytes()
        for region in ("japanese", "simplified", "traditional")
    }
    assert len(pictures) == 3


def test_letters_without_a_font_are_said_and_nobody_else_goes_without(graded, command, capsys):
    graded.hand_in("𒀭𒂗", "enlil", **PASS)
    assert command("certificate") == 1
    said = capsys.readouterr()
    assert "enlil: there is no font here for 𒀭 (cuneiform sign an)" in said.err
    assert "fonts/" in said.err
    assert "ana-sousa" in said.out


def test_a_font_in_the_folder_fonts_is_used(graded):
    import manimgx_fonts

    course = graded.course
    graded.hand_in(CHEROKEE, "an", **PASS)
    (course.root / "fonts").mkdir()
    with TTFont(Path(manimgx_fonts.__file__).with_name("NotoSansThai[wght].ttf")) as font:
        # A font in which a Thai letter stands for a Cherokee one.
        for table in font["cmap"].tables:
            if table.isUnicode():
                table.cmap[ord(CHEROKEE)] = table.cmap[0x0E01]
        font.save(course.root / "fonts" / "cherokee.ttf")
    (course.root / "fonts" / "broken.ttf").write_bytes(b"no font")
    assert "an" in issue(course, ["an"]).made


@pytest.mark.parametrize(
    "name", ['=HYPERLINK("http://x")', "<script>alert(1)</script>", "**not bold** __x__ --y--", "{nb} \\n (x) ]]>"]
)
def test_scripts_and_formulas_in_a_name_are_only_letters(name, fonts):
    data = made(name, fonts)
    assert "".join(name.split()) in "".join(text_of(data).split())
    reader = PdfReader(io.BytesIO(data))
    assert "/JavaScript" not in str(reader.trailer["/Root"])
    assert "/Annots" not in reader.pages[0]


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("  Ana\n\tSousa ", "Ana Sousa"), ("Ana\u202easuoS", "AnaasuoS"), ("A\0na\x1b[31m", "Ana[31m"),
        ("x" * 500, "x" * 120),
        ("A\u0301na", "Ána"), ("क्\u200dष", "क्\u200dष"),
    ],
)  # fmt: skip
def test_a_name_is_one_line_without_marks_that_play_tricks(name, printed):
    assert clean(name) == printed


@pytest.mark.parametrize("name", ["A", "x" * 120, "Maximiliane-Friederike " * 5, "W" * 60 + " " + "W" * 59])
@pytest.mark.parametrize("scenarios", [1, 14, 15, 40, 90])
def test_whatever_is_on_it_stays_within_the_frame_of_one_page(name, scenarios, fonts):
    data = made(name.strip(), fonts, scenarios)
    document = pypdfium2.PdfDocument(data)
    assert len(document) == 1
    picture = document[0].render(scale=1).to_pil().convert("L")
    inner = picture.crop((0, 0, 30, 842)), picture.crop((566, 0, 595, 842))
    plain = pypdfium2.PdfDocument(made("A", fonts))[0].render(scale=1).to_pil().convert("L")
    assert [part.tobytes() for part in inner] == [
        plain.crop(box).tobytes() for box in ((0, 0, 30, 842), (566, 0, 595, 842))
    ], "nothing runs over the margin"
    text = text_of(data)
    assert "This is to certify that" in text
    assert ("more" in text) == (scenarios > 40)


def test_the_qr_code_reads_as_the_code(course):
    (path,) = issue(course).made.values()
    picture = pypdfium2.PdfDocument(path.read_bytes())[0].render(scale=3).to_pil()
    (found,) = zxingcpp.read_barcodes(picture)
    assert found.text == path.stem.removeprefix("certificate-")


def test_a_rule_nested_beyond_reason_is_refused_in_words(course):
    course.rule.write_text("[" * 20_000, "utf-8")
    with pytest.raises(OnsiteError, match="cannot be read as YAML"):
        read_rule(course.rule, course.slugs())
