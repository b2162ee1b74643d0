"""The source points a course teaches, by id."""

from pathlib import Path

from onsite.scenario.errors import Finding, ScenarioError
from onsite.scenario.yaml_source import read_yaml


def read_points(path: Path) -> dict[str, str]:
    """Title by point id. Raises ScenarioError when the file is missing or has another shape."""
    data = read_yaml(path).data
    points = data.get("points") if isinstance(data, dict) else None
    if not isinstance(points, dict) or not all(
        isinstance(p, dict) and isinstance(p.get("title"), str) for p in points.values()
    ):
        raise ScenarioError(
            [Finding("The file has no 'points' with titles.", "Restore it from version control.", path)]
        )
    return {name: point["title"] for name, point in points.items()}
