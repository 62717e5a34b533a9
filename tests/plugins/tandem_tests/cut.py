"""A TCP proxy that can be cut: what stands behind it is gone for those who come through it, as if it had stopped."""

from __future__ import annotations

import socket
import threading


class Cut:
    """Listens on a port of its own and passes bytes to `host:port` both ways until it is cut."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._listener: socket.socket | None = None
        self._open: list[socket.socket] = []
        self._guard = threading.Lock()
        self.port = 0
        self.mend()

    def mend(self) -> None:
        """Listen (again), on the same port."""
        listener = socket.create_server(("127.0.0.1", self.port), reuse_port=False)
        self.port = listener.getsockname()[1]
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def cut(self) -> None:
        """Close the port and every connection through it."""
        listener, self._listener = self._listener, None
        if listener is not None:
            # close alone would leave the accepting thread, and with it the port, waiting for one more connection
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        with self._guard:
            sockets, self._open = self._open, []
        for each in sockets:
            _close(each)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
                server = socket.create_connection(self._target)
            except OSError:
                return
            with self._guard:
                self._open += [client, server]
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=_pump, args=(source, sink), daemon=True).start()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while chunk := source.recv(65_536):
            sink.sendall(chunk)
    except OSError:
        pass
    _close(source)
    _close(sink)


def _close(each: socket.socket) -> None:
    try:
        each.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    each.close()
