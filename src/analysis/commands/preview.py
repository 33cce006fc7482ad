"""A preview of the report on this machine alone, which reloads its pages after a build."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

LOOPBACK = "127.0.0.1"
# Only the server adds this to a page; nothing of it is in ``public/``.
SCRIPT = b"""<script>(async () => {
  const built = async () => (await fetch("/.built", {cache: "no-store"})).text();
  const first = await built();
  setInterval(async () => { try { if (await built() !== first) location.reload(); } catch {} }, 700);
})()</script>"""


class PreviewHandler(SimpleHTTPRequestHandler):
    """Serves the files of a folder, pages with the script that reloads them, and the number of the build."""

    def __init__(self, *request, built: Callable[[], int], **settings):
        self.built = built
        super().__init__(*request, **settings)

    def do_GET(self) -> None:
        """Answer a browser of this machine; whoever reached it under another name is refused."""
        # A page of another site could reach this server under a name of its own that leads here.
        if self.headers.get("Host", "").partition(":")[0] not in (LOOPBACK, "localhost"):
            self.send_error(403)
        elif self.path == "/.built":
            self._send(str(self.built()).encode(), "text/plain")
        elif (page := self._page()) is not None:
            self._send(page.replace(b"</body>", SCRIPT + b"</body>"), "text/html; charset=utf-8")
        else:
            super().do_GET()

    def _page(self) -> bytes | None:
        path = Path(self.translate_path(self.path))
        # A folder shows its first page, as a web server does.
        path = path / "index.html" if path.is_dir() and self.path.endswith("/") else path
        return path.read_bytes() if path.suffix == ".html" and path.is_file() else None

    def _send(self, content: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_words) -> None:
        """Say nothing: the terminal is the build's."""


@contextmanager
def preview_server(public: Path, built: Callable[[], int], port: int = 0) -> Iterator[str]:
    """Serve a report on the loopback address until left; gives the address of its first page.

    Parameters
    ----------
    public
        The folder; it may be replaced while it is served.
    built
        Gives a number that is another after each build.
    port
        Any free one where 0.
    """
    handler = partial(PreviewHandler, directory=str(public), built=built)
    with ThreadingHTTPServer((LOOPBACK, port), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://{LOOPBACK}:{server.server_port}/index.html"
        finally:
            server.shutdown()
            thread.join()
