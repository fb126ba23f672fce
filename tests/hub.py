"""A Hugging Face Hub on this machine, for the tests: a real HTTP server that the real client asks.

It speaks the download half of the Hub's protocol: `HEAD` and `GET` of `/ORG/NAME/resolve/REVISION/FILE`, with small
files answered in place and weights redirected to a content address, as the real Hub does. Its faults can be chosen.
"""

import hashlib
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Hub:
    """A server to be used in a `with` statement; `url` is what belongs in `HF_ENDPOINT`.

    Attributes:
        requests: (method, path) of each request so far, oldest first.
        status: answers each request with this HTTP status instead of its file, when set.
        error_code: the Hub's own name of that error (`X-Error-Code`), when set.
        delay: seconds to wait before each answer.
        spoil: a function of the content that is sent in its place, to damage it on its way.
        cut: breaks the connection once, after that many bytes of a file's weights, when set.
    """

    def __init__(self):
        self.requests = []
        self.status = None
        self.error_code = None
        self.delay = 0.0
        self.spoil = lambda content: content
        self.cut = None
        self._repositories = {}  # name -> revision (branch or commit) -> (commit, {file name: content})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.store = f"http://localhost:{self._server.server_address[1]}"  # another host's name, as the real store has

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *error):
        self.stop()

    def stop(self):
        """Closes the port: from now on the Hub is down."""
        self._server.shutdown()
        self._server.server_close()

    def push(self, repository, folder):
        """Makes the files of a folder the newest commit of a repository's main branch, and returns its id (40 hex)."""
        files = {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
        commit = hashlib.sha1(repr((repository, sorted(files.items()))).encode()).hexdigest()
        revisions = self._repositories.setdefault(repository, {})
        revisions["main"] = revisions[commit] = (commit, files)
        return commit

    def find(self, repository, revision, name):
        """Returns (commit, content), or the Hub's name for what is missing."""
        if repository not in self._repositories:
            return "RepoNotFound"
        if revision not in self._repositories[repository]:
            return "RevisionNotFound"
        commit, files = self._repositories[repository][revision]
        return (commit, files[name]) if name in files else "EntryNotFound"

    def blob(self, digest):
        """Returns the content with this SHA-256, or None."""
        for revisions in self._repositories.values():
            for _, files in revisions.values():
                for content in files.values():
                    if hashlib.sha256(content).hexdigest() == digest:
                        return content
        return None


def _handler(hub):
    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self):
            hub.requests.append((self.command, self.path))
            time.sleep(hub.delay)
            if hub.status:
                self._answer(hub.status, {"X-Error-Code": hub.error_code} if hub.error_code else {})
            elif self.path.startswith("/blobs/"):
                self._blob(hub.blob(self.path.rsplit("/", 1)[1]))
            else:
                self._resolve()

        do_GET = do_HEAD

        def _resolve(self):
            organisation, name, _, revision, file = self.path.strip("/").split("/")
            found = hub.find(f"{organisation}/{name}", revision, file)
            if isinstance(found, str):
                self._answer(404, {"X-Error-Code": found})
                return
            commit, content = found
            digest = hashlib.sha256(content).hexdigest()
            if file.endswith(".safetensors"):
                where = {"Location": f"{hub.store}/blobs/{digest}"}
                size = {"X-Linked-Etag": f'"{digest}"', "X-Linked-Size": str(len(content))}
                self._answer(302, {"X-Repo-Commit": commit, **where, **size})
            else:
                self._answer(200, {"X-Repo-Commit": commit, "ETag": f'"{digest}"'}, content)

        def _blob(self, content):
            start = int(self.headers.get("Range", "bytes=0-")[len("bytes=") : -1])
            headers = {"Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}"} if start else {}
            self._answer(206 if start else 200, headers, content[start:])

        def _answer(self, status, headers, content=b""):
            content = hub.spoil(content)
            self.send_response(status)
            for key, value in headers.items():
                self.send_header(key, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(content[: self._cut()])

        def _cut(self):
            if self.path.startswith("/blobs/"):
                cut, hub.cut = hub.cut, None
                return cut
            return None

        def log_message(self, *args):
            """Keeps the test's output clean."""

    return Handler
