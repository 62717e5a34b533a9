"""A TCP proxy that can be cut: what stands behind it is gone for those who come through it, as if it had stopped; or
silent, as behind a firewall that drops everything: no answer, no end, no reset."""

from __future__ import annotations

import socket
import threading


class Cut:
    """Listens on a port of its own and passes bytes to `host:port` both ways until it is cut or held."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._listener: socket.socket | None = None
        self._open: list[socket.socket] = []
        self._guard = threading.Lock()
        self._flowing = threading.Event()
        self._flowing.set()
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

    def hold(self) -> None:
        """Pass nothing on from now: connections stay open, new ones are accepted, and neither side hears anything."""
        self._flowing.clear()

    def heal(self) -> None:
        """Pass on again, also what was held back: to both sides it was a very slow network."""
        self._flowing.set()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._connect, args=(client,), daemon=True).start()

    def _connect(self, client: socket.socket) -> None:
        self._flowing.wait()
        try:
            server = socket.create_connection(self._target)
        except OSError:
            _close(client)
            return
        with self._guard:
            self._open += [client, server]
            # cut was faster: it has closed what was open until then, and this came too late for that
            late = self._listener is None
        if late:
            _close(client)
            _close(server)
            return
        for source, sink in ((client, server), (server, client)):
            threading.Thread(target=self._pump, args=(source, sink), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while chunk := source.recv(65_536):
                self._flowing.wait()
                sink.sendall(chunk)
        except OSError:
            pass
        # The end of a connection is not heard either while nothing passes.
        self._flowing.wait()
        _close(source)
        _close(sink)
        with self._guard:
            self._open = [each for each in self._open if each not in (source, sink)]


def _close(each: socket.socket) -> None:
    try:
        each.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    each.close()
