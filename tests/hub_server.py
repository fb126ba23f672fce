"""A Hugging Face Hub on this machine, for the tests: a real HTTP server that the real client asks.

It speaks what the client asks about models. Downloading: `HEAD` and `GET` of `/ORG/NAME/resolve/REVISION/FILE`, with
small files answered in place and weights redirected to a content address, as the real Hub does. Uploading: repositories
and branches are made, weights are put at their content address, and a commit names them. Its faults can be chosen.
"""

import base64
import hashlib
import json
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from huggingface_hub import constants

WEIGHTS = ".safetensors"  # the end of the names of what is stored apart, by content


class Hub:
    """A server to be used in a `with` statement; `url` is what belongs in `HF_ENDPOINT`.

    Attributes:
        requests: (method, path) of each request so far, oldest first.
        status: answers each request with this HTTP status instead of its file, when set.
        error_code: the Hub's own name of that error (`X-Error-Code`), when set.
        delay: seconds to wait before each answer.
        spoil: a function of the content that is sent in its place, to damage it on its way.
        cut: breaks the connection once, after that many bytes of a file's weights, when set.
        token: what a login must show before it may upload, when set.
    """

    def __init__(self):
        self.requests = []
        self.status = None
        self.error_code = None
        self.delay = 0.0
        self.spoil = lambda content: content
        self.cut = None
        self.token = None
        self.uploads = {}  # SHA-256 -> content, of weights that no commit names yet
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

    def become(self, monkeypatch, cache):
        """Makes this Hub the one that the client asks, with its cache there, as `HF_ENDPOINT` and `HF_HOME` would."""
        monkeypatch.setattr(constants, "ENDPOINT", self.url)
        template = self.url + "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
        monkeypatch.setattr(constants, "HF_HUB_DISABLE_IMPLICIT_TOKEN", True)
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)  # plain HTTP, not the store's own protocol

    def push(self, repository, folder):
        """Makes the files of a folder the newest commit of a repository's main branch, and returns its id (40 hex)."""
        return self.commit(repository, "main", {path.name: path.read_bytes() for path in sorted(folder.iterdir())})

    def create(self, repository):
        """Makes an empty repository, unless there is one of this name; tells whether it did."""
        if repository in self._repositories:
            return False
        self.commit(repository, "main", {})
        return True

    def branch(self, repository, name):
        """Makes a branch that begins as main is, unless there is one of this name; tells whether it did."""
        revisions = self._repositories[repository]
        if name in revisions:
            return False
        revisions[name] = revisions["main"]
        return True

    def commit(self, repository, branch, files):
        """Makes these files all there is on a branch, and returns the commit's id (40 hex)."""
        commit = hashlib.sha1(repr((repository, sorted(files.items()))).encode()).hexdigest()
        revisions = self._repositories.setdefault(repository, {})
        revisions[branch] = revisions[commit] = (commit, files)
        return commit

    def files(self, repository, revision="main"):
        """The {name: content} of a revision; empty if there is no such repository or revision."""
        return self._repositories.get(repository, {}).get(revision, (None, {}))[1]

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
            if self._refused():
                return
            if self.path.startswith("/blobs/"):
                self._blob(hub.blob(self.path.rsplit("/", 1)[1]))
            elif self.path.startswith("/api/models/"):
                self._about(self.path.removeprefix("/api/models/"))
            elif "/resolve/" in self.path:
                self._resolve()
            else:
                self._answer(404, {})

        do_GET = do_HEAD

        def do_POST(self):
            body = self._body()  # read before any answer, or the connection breaks
            if self._refused():
                return
            if hub.token and self.headers["Authorization"] != f"Bearer {hub.token}":
                self._answer(401, {})
                return
            for pattern, act in self.POSTS.items():
                found = re.fullmatch(pattern, self.path)
                if found:
                    self._answer_json(*act(self, body, *found.groups()))
                    return
            self._answer(404, {})

        def do_PUT(self):
            content = self._body()
            if not self._refused():
                hub.uploads[self.path.rsplit("/", 1)[1]] = content
                self._answer(200, {})

        # What is posted: each returns (status, answer as JSON)

        def _create(self, body):
            asked = json.loads(body)
            repository = f"{asked['organization']}/{asked['name']}"
            return 200 if hub.create(repository) else 409, {"url": f"{hub.url}/{repository}"}

        def _branch(self, body, repository, name):
            return 200 if hub.branch(repository, name) else 409, {}

        def _validate(self, body):
            told = [] if json.loads(body)["content"].startswith("---") else [{"message": "empty metadata"}]
            return 200, {"errors": [], "warnings": told}

        def _preupload(self, body, repository, revision):
            paths = [file["path"] for file in json.loads(body)["files"]]
            modes = [{"path": path, "uploadMode": "lfs" if path.endswith(WEIGHTS) else "regular"} for path in paths]
            return 200, {"files": [{**mode, "shouldIgnore": False} for mode in modes]}

        def _batch(self, body, repository):
            wanted = json.loads(body)["objects"]
            return 200, {
                "transfer": "basic",
                "objects": [
                    {**each, "actions": {"upload": {"href": f"{hub.store}/uploads/{each['oid']}"}}} for each in wanted
                ],
            }

        def _commit(self, body, repository, revision):
            files = dict(hub.files(repository, revision))
            for line in body.decode().splitlines():
                kind, value = (json.loads(line)[key] for key in ("key", "value"))
                if kind == "file":
                    files[value["path"]] = base64.b64decode(value["content"])
                elif kind == "lfsFile":
                    content = hub.uploads.get(value["oid"], b"")
                    if hashlib.sha256(content).hexdigest() != value["oid"] or len(content) != value["size"]:
                        return 400, {"error": f"{value['path']} is not what was uploaded"}
                    files[value["path"]] = content
            commit = hub.commit(repository, revision, files)
            return 200, {"commitUrl": f"{hub.url}/{repository}/commit/{commit}", "commitOid": commit}

        POSTS = {
            "/api/repos/create": _create,
            "/api/validate-yaml": _validate,
            "/api/models/([^/]+/[^/]+)/branch/([^/]+)": _branch,
            "/api/models/([^/]+/[^/]+)/preupload/([^/]+)": _preupload,
            "/api/models/([^/]+/[^/]+)/commit/([^/]+)": _commit,
            r"/([^/]+/[^/]+)\.git/info/lfs/objects/batch": _batch,
        }

        # What is asked for

        def _refused(self):
            """Notes the request, and answers it with the fault that is set, if one is."""
            hub.requests.append((self.command, self.path))
            time.sleep(hub.delay)
            if hub.status:
                self._answer(hub.status, {"X-Error-Code": hub.error_code} if hub.error_code else {})
            return bool(hub.status)

        def _resolve(self):
            organisation, name, _, revision, file = self.path.strip("/").split("/")
            found = hub.find(f"{organisation}/{name}", revision, file)
            if isinstance(found, str):
                self._answer(404, {"X-Error-Code": found})
                return
            commit, content = found
            digest = hashlib.sha256(content).hexdigest()
            if file.endswith(WEIGHTS):
                where = {"Location": f"{hub.store}/blobs/{digest}"}
                size = {"X-Linked-Etag": f'"{digest}"', "X-Linked-Size": str(len(content))}
                self._answer(302, {"X-Repo-Commit": commit, **where, **size})
            else:
                self._answer(200, {"X-Repo-Commit": commit, "ETag": f'"{digest}"'}, content)

        def _about(self, repository):
            if hub.find(repository, "main", None) == "RepoNotFound":
                self._answer(404, {"X-Error-Code": "RepoNotFound"})
            else:
                self._answer_json(200, {"id": repository})

        def _blob(self, content):
            start = int(self.headers.get("Range", "bytes=0-")[len("bytes=") : -1])
            headers = {"Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}"} if start else {}
            self._answer(206 if start else 200, headers, content[start:])

        def _body(self):
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))

        def _answer_json(self, status, answer):
            self._answer(status, {"Content-Type": "application/json"}, json.dumps(answer).encode())

        def _answer(self, status, headers, content=b""):
            content = hub.spoil(content)
            self.send_response(status)
            for key, value in headers.items():
                self.send_header(key, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content[: self._cut()])

        def _cut(self):
            if self.path.startswith("/blobs/"):
                cut, hub.cut = hub.cut, None
                return cut
            return None

        def log_message(self, *args):
            """Keeps the test's output clean."""

    return Handler
