"""The Jupyter Server extension: the course, its hand-in address, and JupyterLab behind the token, on one port."""

from typing import Any


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    from onsite.server.extension import OnsiteExtension

    return [{"module": "onsite.server", "app": OnsiteExtension}]
