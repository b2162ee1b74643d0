"""A port to listen on."""

import os
import socket

from onsite.scenario.errors import OnsiteError

DEFAULT_PORT = 8888
_TRIED = 20


def choose_port(host: str, port: int | None, first: int = DEFAULT_PORT) -> int:
    """The port asked for, or the first free one from `first` on. Raises OnsiteError when it is taken or refused."""
    for candidate in [port] if port is not None else range(first, first + _TRIED):
        problem = _cannot_listen(host, candidate)
        if problem is None:
            return candidate
    if port is None:
        raise OnsiteError(f"No free port from {first} to {first + _TRIED - 1}. Choose one with --port.")
    raise OnsiteError(f"Port {port} on {host} cannot be used ({problem}). Choose another with --port, or leave it out.")


def _cannot_listen(host: str, port: int) -> str | None:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            if os.name == "posix":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except (OSError, OverflowError) as error:
        return getattr(error, "strerror", None) or str(error)
    return None
