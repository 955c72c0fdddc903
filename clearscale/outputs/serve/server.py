"""A server for the browser of this machine: it answers GET of a few addresses that nobody can guess."""

import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

from clearscale.errors import ClearscaleError

LOOPBACK = "127.0.0.1"

_TOKEN_BYTES = 24
_MOST_PARAMETERS = 32
_SILENT_SECONDS = 60
"""After so long without a request a connection is closed."""

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True)
class Reply:
    """What is sent. file: the name to save it under, where it is to be saved."""

    content: bytes
    kind: str
    status: HTTPStatus = HTTPStatus.OK
    file: str = ""


Respond = Callable[[str, Mapping[str, str]], Reply | None]
"""The reply to an address below the token and its parameters; None if there is no such address."""

_NOTHING = Reply(b"not found\n", "text/plain; charset=utf-8", HTTPStatus.NOT_FOUND)
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

    Raises
    ------
    ClearscaleError
        If the port cannot be had.
    """

    daemon_threads = True

    def __init__(self, respond: Respond, port: int = 0) -> None:
        self.respond = respond
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
        self._send(self._reply())

    def _reply(self) -> Reply:
        if self.headers.get_all("Host") not in [[host] for host in self._hosts()]:
            return _NOTHING  # a name of somebody else's that leads here
        path, _, query = self.path.partition("?")
        token, slash, rest = path.removeprefix("/").partition("/")
        if not hmac.compare_digest(token.encode("utf-8", "replace"), self.server.token.encode()) or not slash:
            return _NOTHING
        try:
            parameters = parse_qsl(query, keep_blank_values=True, max_num_fields=_MOST_PARAMETERS)
            if len(dict(parameters)) < len(parameters):
                raise ClearscaleError("an option is given twice")
            return self.server.respond(rest, dict(parameters)) or _NOTHING
        except (ClearscaleError, ValueError) as error:
            text = str(error) if isinstance(error, ClearscaleError) else "too many options"
            return Reply(f"{text}\n".encode(), "text/plain; charset=utf-8", HTTPStatus.BAD_REQUEST)

    def _hosts(self) -> tuple[str, str]:
        return f"{LOOPBACK}:{self.server.server_port}", f"localhost:{self.server.server_port}"

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        headers = {"Content-Type": reply.kind, "Content-Length": str(len(reply.content)), **_HEADERS}
        if reply.file:
            headers["Content-Disposition"] = f'attachment; filename="{reply.file}"'
        for name, value in headers.items():
            self.send_header(name, value)
        if reply.status == HTTPStatus.METHOD_NOT_ALLOWED:
            self.send_header("Allow", "GET")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.content)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse a method or a request that is none, in a line that repeats nothing of it."""
        del message, explain
        self.close_connection = True
        self.command = getattr(self, "command", None) or "GET"
        status = HTTPStatus.METHOD_NOT_ALLOWED if code == HTTPStatus.NOT_IMPLEMENTED else HTTPStatus(code)
        self._send(Reply(f"{status.phrase.lower()}\n".encode(), "text/plain; charset=utf-8", status))

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing: addresses hold the token."""
