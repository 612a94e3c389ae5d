"""Where alerts are posted to in tests: an HTTP server on this machine."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer


class Endpoint:
    """An HTTP server at this address of this machine that keeps what apprise posts to it, or answers 500."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self.posts: list[dict[str, str]] = []
        self.is_down = False
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(500 if endpoint.is_down else 200)
                self.end_headers()
                if not endpoint.is_down:
                    endpoint.posts.append(body)

            def log_message(self, *arguments: object) -> None:
                pass

        self.server = HTTPServer((host, 0), Handler)
        self.url = f"json://user:pass-word-1@{host}:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
