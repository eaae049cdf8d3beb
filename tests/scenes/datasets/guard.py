"""No test of data sets may leave this machine."""

import socket

LOCAL = {"127.0.0.1", "localhost", "::1"}


def forbid_the_internet(monkeypatch) -> None:
    """Let names of other machines be unknown, as they are without a network."""
    look_up = socket.getaddrinfo

    def local_only(host, *arguments, **options):
        if host not in LOCAL:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return look_up(host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", local_only)
