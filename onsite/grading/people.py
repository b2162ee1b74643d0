"""A list of people as firms and schools keep it: what its columns are called, and names in one column or two."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from onsite.grading.names import fold
from onsite.grading.table import Table, read_table

_HEADINGS = {
    "id": (
        "id, staff id, staff number, staff no, employee id, employee number, personnel number, student id, "
        "student number, id number, sis user id, user id, username, login, "
        "personalnummer, mitarbeiternummer, matrikelnummer, benutzername, matricule, identifiant, "
        "número de empleado, legajo, usuario"
    ),
    "name": (
        "name, full name, display name, employee name, student name, student, vollständiger name, nom complet, nom, "
        "nombre completo, nombre y apellidos, nombre"
    ),
    "first name": "first name, given name, forename, vorname, prénom, nombre de pila",
    "last name": "last name, surname, family name, nachname, familienname, nom de famille, apellidos, apellido",
    "email": (
        "email, email address, mail, mail address, email-adresse, mail-adresse, adresse e-mail, adresse mail, "
        "courriel, correo electrónico, correo"
    ),
    "group": (
        "group, team, department, cohort, class, section, gruppe, abteilung, klasse, kohorte, groupe, équipe, "
        "département, classe, cohorte, grupo, equipo, departamento, clase"
    ),
}
"""What each column may be called, whatever the case and the spacing; of several the one that stands first here."""

COLUMNS = tuple(_HEADINGS)
"""What the columns are called in a table that `read_people` has read; others keep their own names."""

_MEANING = {fold(heading): (name, at) for name, told in _HEADINGS.items() for at, heading in enumerate(told.split(","))}


def meaning(heading: str) -> str:
    """Which of COLUMNS a heading means; itself when it means none."""
    return _MEANING.get(fold(heading), (heading, 0))[0]


def read_people(path: Path) -> Table:
    """The table of people in a CSV file, its columns called as in COLUMNS. Raises OnsiteError when it cannot be opened.

    There is always a whole name where there are parts of it.
    """
    table = read_table(path, _meant)
    if not {"first name", "last name"} & set(table.columns):
        return table
    columns = table.columns if "name" in table.columns else (*table.columns, "name")
    rows = tuple(replace(row, cells={**row.cells, "name": _whole_name(row.cells)}) for row in table.rows)
    return replace(table, columns=columns, rows=rows)


def _meant(headings: tuple[str, ...]) -> tuple[str, ...]:
    best: dict[str, tuple[int, int]] = {}
    for at, heading in enumerate(headings):
        if found := _MEANING.get(fold(heading)):
            name, rank = found
            best[name] = min(best.get(name, (rank, at)), (rank, at))
    chosen = {at: name for name, (_, at) in best.items()}
    return tuple(chosen.get(at, heading) for at, heading in enumerate(headings))


def _whole_name(cells: Mapping[str, str]) -> str:
    first, name, last = (cells.get(column, "") for column in ("first name", "name", "last name"))
    if not name or not (first or last):
        return name or f"{first} {last}".strip()
    # 'Name' beside 'Vorname' is a family name, 'Nombre' beside 'Apellidos' a first name: unless the part is in it.
    if (first and last) or set(map(fold, (first or last).split())) <= set(map(fold, name.replace(",", " ").split())):
        return name
    return f"{first} {name} {last}".strip()
