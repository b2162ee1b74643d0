"""Two versions of the small scenario."""

from pathlib import Path

CITED = "\n          cites: [R02]\n"
REVISED = [
    ("title: The locked door", "title: The stuck door"),
    ("  stairs:\n", "  landing:\n"),
    ("goto: stairs", "goto: landing"),
    (f"credit: 0.5{CITED}", f"credit: 0.75{CITED}"),
    (f"credit: 0.25{CITED}", f"credit: 0{CITED}"),
    ("coaching: It opened, and she saw how.", "coaching: It opened. She saw how, and so did the porter."),
]
"""What changes from version 1 to version 2: pushing is worth 7.5 points instead of 5, "ten minutes" nothing instead of
1.5, there is no scene 'stairs' any more, and the title is another."""


def change(path: Path, *changes: tuple[str, str]) -> None:
    """Change a scenario file; what is to go must stand there once."""
    text = path.read_text("utf-8")
    for old, new in changes:
        assert text.count(old) == 1, f"the scenario says {old!r} {text.count(old)} times"
        text = text.replace(old, new)
    path.write_text(text, "utf-8", newline="\n")
