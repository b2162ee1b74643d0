"""How a certificate looks: one A4 page, made to be printed and hung up."""

import base64
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path

import segno
from fpdf import FPDF
from fpdf.enums import Align, MethodReturnValue, WrapMode

from onsite.certificate.content import MARK, Certificate
from onsite.certificate.fonts import Fonts

_WIDTH, _HEIGHT = 210.0, 297.0
_SIDE = 26.0
_INK, _SOFT, _ACCENT = (28, 36, 48), (96, 108, 122), (15, 98, 104)
_ONE_COLUMN, _MOST_ROWS = 14, 20
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def certificate_pdf(certificate: Certificate, code: str, fonts: Fonts) -> bytes:
    """The PDF, the same bytes for the same content and fonts. Raises MissingLettersError."""
    texts = [certificate.name, certificate.course, certificate.about, certificate.issued_by, certificate.signed_by]
    texts += [*(title for title, _ in certificate.scenarios), "Aa0…·"]
    faces = fonts.needed_for(texts)
    with tempfile.TemporaryDirectory(prefix="onsite-fonts-") as folder:
        pdf = _empty(certificate, code, [fonts.file_of(face, texts, Path(folder)) for face in faces])
        _frame(pdf)
        _heading(pdf, certificate)
        _scenarios(pdf, certificate.scenarios)
        _foot(pdf, certificate, code)
        return bytes(pdf.output())


def _empty(certificate: Certificate, code: str, files: list[Path]) -> FPDF:
    pdf = FPDF(format="A4", unit="mm")
    pdf.set_auto_page_break(False)
    pdf.set_margin(0)
    pdf.c_margin = 0
    pdf.str_alias_nb_pages = ""  # else "{nb}" in a name would be taken for the number of pages
    names = [f"font{number}" for number in range(len(files))]
    for name, path in zip(names, files, strict=True):
        pdf.add_font(name, fname=path)
    pdf.set_fallback_fonts(names[1:], exact_match=False)
    pdf.set_text_shaping(True)
    pdf.set_lang("en")
    pdf.set_title(f"Certificate: {certificate.course}, {certificate.name}")
    pdf.set_author(certificate.issued_by or certificate.course)
    said = base64.urlsafe_b64encode(certificate.to_json().encode()).decode()
    pdf.set_keywords(f"{MARK}{code}:{said}")
    pdf.set_creation_date(datetime.combine(date.fromisoformat(certificate.issued), datetime.min.time(), UTC))
    pdf.add_page()
    return pdf


def _write(
    pdf: FPDF, text: str, at: tuple[float, float], size: float, color: tuple[int, int, int], *,
    width: float = _WIDTH - 2 * _SIDE, align: Align = Align.C, spacing: float = 0.0,
) -> None:  # fmt: skip
    pdf.set_font("font0", size=size)
    pdf.set_text_color(*color)
    pdf.set_char_spacing(spacing)
    pdf.set_xy(*at)
    pdf.cell(width, size * 0.45, text, align=align)
    pdf.set_char_spacing(0)


def _frame(pdf: FPDF) -> None:
    pdf.set_draw_color(*_ACCENT)
    pdf.set_line_width(0.9)
    pdf.rect(11, 11, _WIDTH - 22, _HEIGHT - 22)
    pdf.set_line_width(0.2)
    pdf.rect(13.5, 13.5, _WIDTH - 27, _HEIGHT - 27)


def _heading(pdf: FPDF, certificate: Certificate) -> None:
    _write(pdf, certificate.course.upper(), (_SIDE, 32), 12, _ACCENT, spacing=3)
    _write(pdf, "Certificate", (_SIDE, 46), 40, _INK)
    pdf.set_draw_color(*_ACCENT)
    pdf.set_line_width(0.6)
    pdf.line(_WIDTH / 2 - 14, 69, _WIDTH / 2 + 14, 69)
    _write(pdf, "This is to certify that", (_SIDE, 77), 11.5, _SOFT)
    _name(pdf, certificate.name)
    about = f"{certificate.course}, {certificate.about}," if certificate.about else certificate.course
    pdf.set_font("font0", size=11.5)
    pdf.set_text_color(*_SOFT)
    pdf.set_xy(_SIDE + 8, 109)
    many = len(certificate.scenarios)
    passed = f"and has passed {'its scenario' if many == 1 else f'these {many} scenarios'}:"
    pdf.multi_cell(_WIDTH - 2 * _SIDE - 16, 6, f"has taken the course {about} {passed}", align=Align.C)


def _name(pdf: FPDF, name: str) -> None:
    """As large as it fits, on two lines when it is long."""
    width = _WIDTH - 2 * _SIDE
    wrap = WrapMode.WORD if " " in name else WrapMode.CHAR
    lines, size = 1, 34
    for size, most in [*((size, 1) for size in range(34, 17, -1)), *((size, 2) for size in range(22, 5, -1))]:
        pdf.set_font("font0", size=size)
        told = pdf.multi_cell(width, 1, name, wrapmode=wrap, dry_run=True, output=MethodReturnValue.LINES)
        lines = len(told) if isinstance(told, list) else 1
        if lines <= most:
            break
    pdf.set_text_color(*_INK)
    pdf.set_xy(_SIDE, 96 - lines * size * 0.25)
    pdf.multi_cell(width, size * 0.5, name, align=Align.C, wrapmode=wrap)


def _scenarios(pdf: FPDF, scenarios: tuple[tuple[str, str], ...]) -> None:
    top, bottom, gap = 132.0, 226.0, 10.0
    columns = 1 if len(scenarios) <= _ONE_COLUMN else 2
    shown = scenarios[: columns * _MOST_ROWS]
    rows = -(-len(shown) // columns)
    step = min(9.0, (bottom - top) / max(rows, 1))
    size = min(11.0, step * 1.55)
    width = (_WIDTH - 2 * _SIDE - (columns - 1) * gap) / columns if columns > 1 else 126.0
    left = _SIDE if columns > 1 else (_WIDTH - width) / 2
    pdf.set_draw_color(214, 220, 226)
    pdf.set_line_width(0.15)
    for number, (title, day) in enumerate(shown):
        x = left + number // rows * (width + gap)
        y = top + number % rows * step
        pdf.set_font("font0", size=size * 0.8)
        room = width - pdf.get_string_width(_day(day)) - 3
        _write(pdf, _fitting(pdf, title, size, room), (x, y), size, _INK, align=Align.L)
        _write(pdf, _day(day), (x, y), size * 0.8, _SOFT, width=width, align=Align.R)
        pdf.line(x, y + step * 0.72, x + width, y + step * 0.72)
    if len(shown) < len(scenarios):
        _write(pdf, f"and {len(scenarios) - len(shown)} more", (_SIDE, bottom), 9, _SOFT)


def _fitting(pdf: FPDF, text: str, size: float, width: float) -> str:
    pdf.set_font("font0", size=size)
    if pdf.get_string_width(text) <= width:
        return text
    while text and pdf.get_string_width(f"{text}…") > width:
        text = text[:-1].rstrip()
    return f"{text}…"


def _foot(pdf: FPDF, certificate: Certificate, code: str) -> None:
    y = 249.0
    _write(pdf, _day(certificate.issued), (_SIDE, y), 11, _INK, align=Align.L)
    _write(pdf, certificate.issued_by, (_SIDE, y + 6), 10, _SOFT, width=70, align=Align.L)
    pdf.set_draw_color(*_SOFT)
    pdf.set_line_width(0.2)
    pdf.line(_SIDE, y + 23, _SIDE + 62, y + 23)
    _write(pdf, certificate.signed_by or "Signature", (_SIDE, y + 24.5), 8.5, _SOFT, width=62, align=Align.L)
    side = 27.0
    _qr(pdf, code, _WIDTH - _SIDE - side, y - 10, side)
    right = _WIDTH - _SIDE - 80
    _write(pdf, code, (right, y + 21.5), 9.5, _INK, width=80, align=Align.R)
    _write(pdf, "Whoever issued it can check this code.", (right, y + 26.2), 7.5, _SOFT, width=80, align=Align.R)


def _qr(pdf: FPDF, text: str, x: float, y: float, side: float) -> None:
    """Drawn as squares: sharp at any size. Correction level M stands a fold or a stain."""
    matrix = segno.make_qr(text, error="m").matrix
    cell = side / len(matrix)
    pdf.set_fill_color(*_INK)
    for row, line in enumerate(matrix):
        for column, dark in enumerate(line):
            if dark:
                pdf.rect(x + column * cell, y + row * cell, cell + 0.01, cell + 0.01, style="F")


def _day(day: str) -> str:
    told = date.fromisoformat(day)
    return f"{told.day} {_MONTHS[told.month - 1]} {told.year}"
