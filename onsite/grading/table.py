"""Tables as people keep them: the CSV of any spreadsheet, line by line. A line that cannot be read spoils no other."""

import codecs
import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from onsite.scenario.errors import OnsiteError

_WORKBOOKS = (b"PK\3\4", b"\xd0\xcf\x11\xe0")
"""How .xlsx and .ods files begin, and .xls files."""

HOW_TO_SAVE = (
    "In Excel choose File > Save As and the file type 'CSV UTF-8 (Comma delimited)'; in LibreOffice 'Text CSV' with "
    "the character set 'Unicode (UTF-8)'."
)


@dataclass(frozen=True)
class Line:
    """A row as it stands in the file: the number of its first line, its text with its line end, its cells.

    fault: why it could not be read; its cells are then those that could be told apart.
    """

    number: int
    text: str
    cells: tuple[str, ...]
    fault: str = ""


@dataclass(frozen=True)
class Row:
    """A row by its columns' names, which are in small letters; fault: why it could not be read in full."""

    number: int
    cells: Mapping[str, str]
    fault: str = ""


@dataclass(frozen=True)
class Table:
    """The names of the columns, and the rows below them. fault: what is wrong with the file as a whole."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    fault: str = ""


def read_table(path: Path, meant: Callable[[tuple[str, ...]], tuple[str, ...]] = tuple) -> Table:
    """The table in a CSV file. Raises OnsiteError when the file cannot be opened.

    meant: what the columns are to be called, from what they are called in the file.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise OnsiteError(f"{path} cannot be read ({error.strerror}).") from error
    text, encoding = decoded(data)
    fault = ""
    if data.startswith(_WORKBOOKS):
        fault = f"It is a workbook, not CSV. {HOW_TO_SAVE}"
    elif encoding == "latin-1":
        # Which of many old encodings it is cannot be told, and with the wrong one names become other names.
        fault = f"It is not in UTF-8, so that its letters cannot be told for certain. {HOW_TO_SAVE}"
    found = lines(text.removeprefix("\ufeff").replace("\0", ""))
    header = next(found, Line(1, "", ()))
    columns = meant(tuple(name.strip().casefold() for name in header.cells))
    rows = tuple(Row(line.number, _by_name(columns, line), line.fault) for line in found)
    if header.fault:
        fault = fault or f"Its first line cannot be read: {header.fault}."
    return Table(columns, rows, fault)


def _by_name(columns: tuple[str, ...], line: Line) -> Mapping[str, str]:
    cells = [*line.cells, *[""] * len(columns)]
    named = {name: cell.strip() for name, cell in zip(columns, cells, strict=False)}
    if not line.fault:
        return named
    # Where its cells end cannot be told. The first is what it is, and an address is known by its sign.
    address = next((cell for cell in line.cells if "@" in cell), "")
    return {name: {columns[0]: named[name], "email": address}.get(name, "") for name in columns}


def decoded(data: bytes) -> tuple[str, str]:
    """A table's text, and the encoding that turns it into the same bytes again. Any bytes can be read as the last."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16-le" if data.startswith(codecs.BOM_UTF16_LE) else "utf-16-be"
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError:
            pass
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return data.decode("latin-1"), "latin-1"


def lines(text: str) -> Iterator[Line]:
    """The rows of a CSV text; what stands between its columns is told by its first line."""
    written = list(io.StringIO(text, newline=""))
    delimiter = delimiter_of(text)
    start = 0
    while start < len(written):
        reader = csv.reader((written[at] for at in range(start, len(written))), delimiter=delimiter, strict=True)
        begin = start
        try:
            for cells in reader:
                end = start + reader.line_num
                yield Line(begin + 1, "".join(written[begin:end]), tuple(cells))
                begin = end
            return
        except csv.Error as error:
            # A quotation mark that nobody closed would swallow everybody below it: go on with the next line.
            cells = [cell.strip(' "\r\n') for cell in written[begin].split(delimiter)]
            told = "a quotation mark is missing or in the wrong place" if '"' in written[begin] else str(error)
            yield Line(begin + 1, written[begin], tuple(cells), told)
            start = begin + 1


def delimiter_of(text: str) -> str:
    """What stands between the columns of a CSV text: a comma, a semicolon or a tab, by its first line."""
    header = text.partition("\n")[0]
    return max(",;\t", key=header.count)
