"""A TCP balancer: each connection goes to the next of several ports that takes it, as a Service of a cluster does."""

from __future__ import annotations

import socket
import threading
from collections.abc import Sequence
from itertools import count


class RoundRobin:
    """Listens on a port of its own and passes each connection on to one of `ports`, in turn, or to the next one."""

    def __init__(self, ports: Sequence[int], port: int = 0) -> None:
        self._ports = tuple(ports)
        self._turns = count()
        self._listener = socket.create_server(("127.0.0.1", port), backlog=256)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        # close alone would leave the accepting thread, and with it the port, waiting for one more connection
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = self._next()
            if server is None:
                client.close()
                continue
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=_pump, args=(source, sink), daemon=True).start()

    def _next(self) -> socket.socket | None:
        first = next(self._turns)
        for place in range(len(self._ports)):
            try:
                return socket.create_connection(("127.0.0.1", self._ports[(first + place) % len(self._ports)]))
            except OSError:
                continue
        return None


def _pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while chunk := source.recv(65_536):
            sink.sendall(chunk)
    except OSError:
        pass
    for each in (source, sink):
        try:
            each.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        each.close()
