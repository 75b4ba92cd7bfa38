"""The web site of the corpus: every trap's twins, with the SDK in them as a customer has it, and a small backend.

/<trap>/healthy.html   a twin; of `?…` all but a status is ignored, so that a page may link to itself
/api/<status>?ms=<n>   answers JSON with that status after n ms (200, 204, 422, 500, …)
/file                  a download
"""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from tests.corpus.trap import FOLDER


class _Site(ThreadingHTTPServer):
    def __init__(self, *, product: str, key: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.product, self.key = product, key

    def page(self, trap: str, name: str) -> bytes:
        """A page with the SDK in it. The release tells which twin a session was on."""
        twin = name.removesuffix(".html").partition("-")[0]
        script = (
            f'<script src="{self.product}/sdk/irk.js" data-key="{self.key}" data-endpoint="{self.product}/v1/events"'
            f' data-release="{trap}/{twin}" crossorigin></script>'
        )
        return f"<!doctype html>\n{script}\n{(FOLDER / trap / name).read_text(encoding='utf-8')}".encode()


class _Handler(BaseHTTPRequestHandler):
    server: _Site
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        match address.path.strip("/").split("/"):
            case ["api", status]:
                time.sleep(int(parse_qs(address.query).get("ms", ["0"])[0]) / 1000)
                self._answer(int(status), "application/json", json.dumps({"status": int(status)}).encode())
            case ["file"]:
                self._answer(200, "application/octet-stream", b"file", disposition="attachment")
            case [trap, page] if page.endswith(".html") and (FOLDER / trap / page).is_file():
                told = int(parse_qs(address.query).get("status", ["200"])[0])
                self._answer(told, "text/html; charset=utf-8", self.server.page(trap, page))
            case _:
                self._answer(404, "text/plain; charset=utf-8", b"There is no such page in the corpus.")

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.do_GET()

    def _answer(self, status: int, content_type: str, body: bytes, *, disposition: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        if disposition:
            self.send_header("Content-Disposition", disposition)
        if status == 204:
            body = b""
        else:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing: the tests' output is about the traps."""


@contextmanager
def serving(*, product: str, key: str) -> Iterator[str]:
    """Serves the corpus, reporting to the product at that address; yields the site's own."""
    server = _Site(product=product, key=key)
    thread = threading.Thread(target=server.serve_forever, name="corpus-site", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
