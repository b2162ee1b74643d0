"""Writing derived files: only when they change, so that timestamps and git stay quiet."""

from pathlib import Path


def write_if_changed(path: Path, text: str) -> bool:
    """Write `text` (UTF-8, \\n line ends) to `path` unless it already says so. True when written."""
    data = text.encode()
    if path.is_file() and path.read_bytes() == data:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return True
