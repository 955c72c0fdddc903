"""A far object store: moto's S3 in threads of this process, whose answers are late."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from moto.moto_server.werkzeug_app import MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]
"""What WSGI calls so."""


class _QuietHandler(MotoRequestHandler):  # type: ignore[misc]
    def log(self, *_: Any, **__: Any) -> None:
        """Say nothing."""


def environment(url: str, secret: str, region: str) -> dict[str, str]:
    """What tells a process of a server, as users would: with these variables alone, and none of the machine's."""
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "AKIATESTTESTTESTTEST",
        "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_DEFAULT_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": "/nowhere",
        "AWS_SHARED_CREDENTIALS_FILE": "/nowhere",
        "NO_PROXY": "127.0.0.1",
    }


def late(application: Application, seconds: float) -> Application:
    """Have each answer of an application be so late."""

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        time.sleep(seconds)
        return application(environ, start_response)

    return answer


_CONDITIONS = {"HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH"}


def s3() -> Application:
    """Give an empty S3.

    A write on a condition is one step, as at S3: moto looks first and writes then, so two at once would both be
    taken.
    """
    application: Application = create_backend_app("s3")
    one_at_a_time = threading.Lock()

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] in ("PUT", "POST") and not _CONDITIONS.isdisjoint(environ):
            with one_at_a_time:
                return application(environ, start_response)
        return application(environ, start_response)

    return answer


@contextmanager
def served(application: Application) -> Iterator[str]:
    """Serve an application on a free port of this machine; yields its URL."""
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=_QuietHandler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
