"""A web server on this machine that serves a few files, and misbehaves as told."""

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Site:
    """What the server serves, how it misbehaves, and what it was asked for."""

    def __init__(self) -> None:
        self.address = ""
        self.files: dict[str, bytes] = {}
        self.ranges = True
        self.tag = '"first"'
        self.content_type = "application/octet-stream"
        self.with_length = True
        self.statuses: dict[str, list[int]] = defaultdict(list)  # answers before the file is given
        self.cuts: dict[str, list[int]] = defaultdict(list)  # bytes after which the connection ends, once each
        self.asked: list[tuple[str, str | None]] = []  # path, Range

    def put(self, path: str, content: bytes) -> str:
        """Serve bytes, and give their address."""
        self.files[f"/{path}"] = content
        return f"{self.address}/{path}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    site: Site

    def do_GET(self) -> None:
        site = self.site
        site.asked.append((self.path, self.headers.get("Range")))
        if site.statuses[self.path]:
            return self._refuse(site.statuses[self.path].pop(0))
        content = site.files.get(self.path)
        if content is None:
            return self._refuse(404)
        return self._give(content)

    def _refuse(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _give(self, content: bytes) -> None:
        site, start = self.site, 0
        asked = self.headers.get("Range")
        if asked and site.ranges and self.headers.get("If-Range") == site.tag:
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
            if start >= len(content):
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(content)}")
                self.send_header("Content-Length", "0")
                return self.end_headers()
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        else:
            self.send_response(200)
        if site.tag:
            self.send_header("ETag", site.tag)
        self.send_header("Content-Type", site.content_type)
        cut = site.cuts[self.path].pop(0) if site.cuts[self.path] else None
        if site.with_length:
            self.send_header("Content-Length", str(len(content) - start))
        if not site.with_length or cut is not None:
            self.close_connection = True
            self.send_header("Connection", "close")
        self.end_headers()
        return self._body(content[start:][:cut])

    def _body(self, content: bytes) -> None:
        self.wfile.write(content)
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving() -> Iterator[Site]:
    """Run the server for the length of a ``with`` block."""
    site = Site()
    handler = type("Handler", (_Handler,), {"site": site})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        site.address = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield site
        finally:
            server.shutdown()
            thread.join()
