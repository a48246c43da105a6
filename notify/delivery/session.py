"""An SMTP session with an end: a server that says one letter a minute holds nobody for longer."""

from __future__ import annotations

import smtplib
import socket
import threading
from typing import Any


class _Bounded(smtplib.SMTP):
    """Cut when its time is up, whatever it waits for then; nothing is said on it afterwards."""

    def __init__(self, *where: Any, longest: float, **how: Any) -> None:
        self._is_over = False
        self._clock = threading.Timer(longest, self._cut)
        self._clock.daemon = True
        self._clock.start()
        try:
            super().__init__(*where, **how)
        except BaseException:
            self._clock.cancel()
            raise

    def getreply(self) -> tuple[int, bytes]:
        """The server's next answer, while there is time."""
        if self._is_over:
            self.close()
            raise smtplib.SMTPServerDisconnected("its time is up")
        return super().getreply()

    def close(self) -> None:
        """End it, and its clock."""
        self._clock.cancel()
        super().close()

    def _cut(self) -> None:
        """End whatever waits, by the plain socket's call: TLS's own would first drop its protection."""
        self._is_over = True
        held = self.sock
        try:
            if held is not None:
                socket.socket.shutdown(held, socket.SHUT_RDWR)
        except OSError:  # it ended by itself meanwhile
            return


class PlainSession(_Bounded):
    """A session that begins in clear."""


class TlsSession(_Bounded, smtplib.SMTP_SSL):
    """A session under TLS from its first byte."""
