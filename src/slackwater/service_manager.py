"""Tells systemd how the service gets on (`Type=notify`), over the socket that NOTIFY_SOCKET names."""

import contextlib
import os
import socket


def notify(*states: str) -> None:
    """Send states such as READY=1.

    Without a service manager, or when it does not listen, nothing happens.
    """
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return
    place = "\0" + address[1:] if address.startswith("@") else address  # @: an abstract socket
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as way:
        way.connect(place)
        way.sendall("\n".join(states).encode())
