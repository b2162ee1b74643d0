"""What a course teaches: its source points and the tensions between them, by id."""

from pathlib import Path

from onsite.scenario.errors import Finding, ScenarioError
from onsite.scenario.yaml_source import read_yaml


def read_points(path: Path) -> dict[str, str]:
    """Title by point id. Raises ScenarioError when the file is missing or has another shape."""
    return _section(path, "points", "title")


def read_tensions(path: Path) -> dict[str, str]:
    """What each tension is about, by its id. Raises ScenarioError as `read_points` does."""
    return _section(path, "tensions", "about")


def read_citable(path: Path) -> dict[str, str]:
    """Everything that an answer may cite: points and tensions, each with its title by id."""
    return {**read_points(path), **read_tensions(path)}


def _section(path: Path, name: str, field: str) -> dict[str, str]:
    data = read_yaml(path).data
    entries = data.get(name) if isinstance(data, dict) else None
    if not isinstance(entries, dict) or not all(
        isinstance(entry, dict) and isinstance(entry.get(field), str) for entry in entries.values()
    ):
        raise ScenarioError(
            [Finding(f"The file has no '{name}' with a '{field}' each.", "Restore it from version control.", path)]
        )
    return {key: entry[field] for key, entry in entries.items()}
