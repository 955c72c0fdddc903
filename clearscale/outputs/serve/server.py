"""A server for the browser of this machine: it answers at a few addresses that nobody can guess."""

import hmac
import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BufferedIOBase
from typing import Any
from urllib.parse import parse_qsl

from clearscale.errors import ClearscaleError

LOOPBACK = "127.0.0.1"

_TOKEN_BYTES = 24
_MOST_PARAMETERS = 56
_SILENT_SECONDS = 60
"""After so long without a request a connection is closed."""
_PIECE = 2**20
"""Bytes of what is sent that are in memory at a time."""
_LONGEST_DOCUMENT = 2**18

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


Write = Callable[[bytes], Any]


@dataclass(frozen=True)
class Reply:
    """What is sent.

    file: the name to save it under, where it is to be saved. sending: called with a function that takes pieces, in
    place of content, of something long. policy: what the page may load, if it is not one of the program's own.
    """

    content: bytes
    kind: str
    status: HTTPStatus = HTTPStatus.OK
    file: str = ""
    sending: Callable[[Write], None] | None = None
    policy: str = ""


class Body:
    """What a browser sends, read once, piece by piece. length: in bytes."""

    def __init__(self, file: BufferedIOBase, length: int) -> None:
        self._file, self.length, self.left = file, length, length

    def pieces(self) -> Iterator[bytes]:
        """Yield it. Raises ConnectionError if the browser stops before the end."""
        while self.left:
            piece = self._file.read(min(self.left, _PIECE))
            if not piece:
                raise ConnectionError
            self.left -= len(piece)
            yield piece

    def document(self) -> dict[str, Any]:
        """Return it as a JSON object. Raises ClearscaleError if it is none, or is long."""
        if self.length > _LONGEST_DOCUMENT:
            raise ClearscaleError("what the page sent is too long")
        try:
            found = json.loads(b"".join(self.pieces()))
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise ClearscaleError("what the page sent is no JSON object")
        return found


Respond = Callable[[str, Mapping[str, str]], Reply | None]
"""The reply to an address below the token and its parameters; None if there is no such address."""

Receive = Callable[[str, Mapping[str, str], Body], Reply | None]
"""The same of what a page sends."""


def text(words: str, status: HTTPStatus = HTTPStatus.OK) -> Reply:
    """Return a reply in plain words."""
    return Reply(f"{words}\n".encode(), "text/plain; charset=utf-8", status)


_NOTHING = text("not found", HTTPStatus.NOT_FOUND)
"""The same whatever was wrong: address, token or host."""


class Server(ThreadingHTTPServer):
    """A server on the loopback address of this machine, which answers only those who know its token.

    It is a `http.server.ThreadingHTTPServer`: `serve_forever()` answers until another thread calls `shutdown()`,
    and `server_close()`, or the end of a `with` statement, gives the port back.

    Parameters
    ----------
    respond : callable
        Called by several threads with an address below the token and its parameters; returns a `Reply`, or None if
        there is no such address.
    port : int, default 0
        A port of this machine; 0 for any free one.
    receive : callable, optional
        Called with an address, its parameters and what a page of this server sends to it; without it nothing can be
        sent.
    close : callable, optional
        Called when the server is closed.

    Raises
    ------
    ClearscaleError
        If the port cannot be had.
    """

    daemon_threads = True

    def __init__(
        self,
        respond: Respond,
        port: int = 0,
        receive: Receive | None = None,
        close: Callable[[], None] | None = None,
    ) -> None:
        self.respond, self.receive, self.close = respond, receive, close
        self.token = secrets.token_urlsafe(_TOKEN_BYTES)
        try:
            super().__init__((LOOPBACK, port), _Handler)
        except OSError as error:
            raise ClearscaleError(
                f"--port {port}: cannot listen on {LOOPBACK}:{port} ({error.strerror}); choose another port, "
                "or leave --port out for any free one"
            ) from None

    def server_bind(self) -> None:
        """Bind without asking a name server for this machine's name, as the base class does."""
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = LOOPBACK, self.server_address[1]

    def server_close(self) -> None:
        """Give the port back, and end the work that was started from a page."""
        super().server_close()
        if self.close is not None:
            self.close()

    @property
    def url(self) -> str:
        """The address of the page, with the token."""
        return f"http://{LOOPBACK}:{self.server_port}/{self.token}/"

    def __repr__(self) -> str:
        """Name the port; only `url` has the token."""
        return f"Server('http://{LOOPBACK}:{self.server_port}/')"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a connection that broke."""


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "clearscale", ""
    timeout = _SILENT_SECONDS
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._send(self._reply(self.server.respond))

    def do_POST(self) -> None:
        receive = self.server.receive
        if receive is None:
            self.send_error(HTTPStatus.NOT_IMPLEMENTED)
            return
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()) or "Transfer-Encoding" in self.headers:
            self.send_error(HTTPStatus.LENGTH_REQUIRED)
            return
        body = Body(self.rfile, int(length))
        # A page of another origin can neither name the token nor send this origin.
        own = self.headers.get_all("Origin") in [[f"http://{host}"] for host in self._hosts()]
        if own and self.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin":
            reply = self._reply(lambda path, given: receive(path, given, body))
        else:
            reply = _NOTHING
        self.close_connection = self.close_connection or body.left > 0
        self._send(reply)

    def _reply(self, respond: Respond) -> Reply:
        if self.headers.get_all("Host") not in [[host] for host in self._hosts()]:
            return _NOTHING  # a name of somebody else's that leads here
        path, _, query = self.path.partition("?")
        token, slash, rest = path.removeprefix("/").partition("/")
        if not hmac.compare_digest(token.encode("utf-8", "replace"), self.server.token.encode()) or not slash:
            return _NOTHING
        try:
            parameters = parse_qsl(query, keep_blank_values=True, max_num_fields=_MOST_PARAMETERS)
        except ValueError:
            return text("too many options", HTTPStatus.BAD_REQUEST)
        try:
            if len(dict(parameters)) < len(parameters):
                raise ClearscaleError("an option is given twice")
            return respond(rest, dict(parameters)) or _NOTHING
        except ClearscaleError as error:
            return text(str(error), HTTPStatus.BAD_REQUEST)
        except ConnectionError:
            raise
        except Exception as error:
            # Its message may hold values of records.
            return text(
                f"failed where nobody foresaw it ({type(error).__name__})", HTTPStatus.INTERNAL_SERVER_ERROR
            )

    def _hosts(self) -> tuple[str, str]:
        return f"{LOOPBACK}:{self.server.server_port}", f"localhost:{self.server.server_port}"

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        headers = {"Content-Type": reply.kind, **_HEADERS}
        headers |= {"Content-Security-Policy": reply.policy} if reply.policy else {}
        headers |= {"Connection": "close"} if self.close_connection else {}
        if reply.sending is None:
            headers["Content-Length"] = str(len(reply.content))
        else:
            headers["Transfer-Encoding"] = "chunked"
        if reply.file:
            headers["Content-Disposition"] = f'attachment; filename="{reply.file}"'
        for name, value in headers.items():
            self.send_header(name, value)
        if reply.status == HTTPStatus.METHOD_NOT_ALLOWED:
            self.send_header("Allow", "GET" if self.server.receive is None else "GET, POST")
        self.end_headers()
        if self.command == "HEAD":
            return
        if reply.sending is None:
            self.wfile.write(reply.content)
            return
        self.close_connection = True  # what fails on the way lacks its last chunk, and the browser says so
        with suppress(OSError, ClearscaleError):
            reply.sending(self._chunk)
            self.wfile.write(b"0\r\n\r\n")

    def _chunk(self, piece: bytes) -> None:
        if piece:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse a method or a request that is none, in a line that repeats nothing of it."""
        del message, explain
        self.close_connection = True
        self.command = getattr(self, "command", None) or "GET"
        status = HTTPStatus.METHOD_NOT_ALLOWED if code == HTTPStatus.NOT_IMPLEMENTED else HTTPStatus(code)
        self._send(text(status.phrase.lower(), status))

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing: addresses hold the token."""
