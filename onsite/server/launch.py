"""Starting the one server: the course at its front, JupyterLab behind the token."""

import os
import threading
import webbrowser
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jupyter_server.serverapp import ServerApp
from traitlets.config import Config

from onsite.paths import CoursePaths
from onsite.server.extension import PREFIX
from onsite.server.readers import ReaderIdentity

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}

# Not needed for the course, and each costs start-up time.
_UNUSED_EXTENSIONS = ("jupyter_lsp", "jupyter_server_terminals", "nbgrader.server_extensions.assignment_list",
                      "nbgrader.server_extensions.course_list")  # fmt: skip


# Jupyter's greeting gives the same addresses a second time; nbgrader's exchange is not used here.
_NOISE = ("To access the server", "Unwritable directory")


@dataclass(frozen=True)
class Address:
    """Where to listen. collect: gather hand-ins without grading them; reader: the name of whoever grades here."""

    host: str
    port: int
    collect: bool
    reader: str = ""


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`."""
    return host in _LOOPBACK


def serve(course: CoursePaths, address: Address, say: Callable[[str], None], *, open_browser: bool) -> None:
    """Run the server until it is stopped."""
    near = "localhost" if address.host in {"0.0.0.0", "::", ""} else address.host
    # Kernels inherit this: the widget hands in to the server that started it.
    os.environ["ONSITE_HAND_IN_URL"] = f"http://{near}:{address.port}/{PREFIX}/hand-in"
    app = ServerApp.instance(config=_config(course, address))
    app.initialize(argv=[])
    front = f"http://{near}:{address.port}/{PREFIX}/"
    start = f"{front}start?token={app.identity_provider.token}"

    def ready() -> None:
        say(f"\nThe course is at      {front}")
        say(f"With the notebooks:   {start}")
        if address.collect:
            say(f"Hand-ins gather in {course.inbox.name}/; grade them with `python3 course.py grade`.")
        say("Stop with Ctrl+C.")
        if open_browser:
            threading.Thread(target=webbrowser.open, args=(start,), daemon=True).start()

    app.log.addFilter(lambda record: not any(noise in record.getMessage() for noise in _NOISE))
    app.io_loop.add_callback(ready)
    app.start()


def _config(course: CoursePaths, address: Address) -> Config:
    config = Config()
    extensions = {"onsite.server": True, "jupyterlab": True} | dict.fromkeys(_UNUSED_EXTENSIONS, False)
    config.ServerApp.update(
        {
            "ip": address.host,
            "port": address.port,
            "port_retries": 0,
            "open_browser": False,
            "root_dir": str(course.root),
            "default_url": f"/{PREFIX}/",
            "jpserver_extensions": extensions,
            "identity_provider_class": ReaderIdentity,
            "log_level": "ERROR",
            "tornado_settings": {"page_config_hook": _without_announcements},
            # Containers and CI run as root; everything but the pages is behind the token all the same.
            "allow_root": True,
        }
    )
    # JupyterLab would ask the outside for updates.
    config.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
    config.LabApp.log_level = "ERROR"
    config.ReaderIdentity.reader = address.reader
    config.OnsiteExtension.collect = address.collect
    config.OnsiteExtension.root = str(course.root)
    return config


def _without_announcements(_: Any, page_config: dict[str, Any]) -> dict[str, Any]:
    # JupyterLab would greet every learner with a question about news from its makers' site.
    # By the time this is called the names are a list.
    page_config["disabledExtensions"] = [
        *page_config.get("disabledExtensions", []),
        "@jupyterlab/apputils-extension:announcements",
    ]
    return page_config
