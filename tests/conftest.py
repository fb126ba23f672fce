"""What several test files share: the running app, a browser, a listener for what leaves the machine; which are slow."""

import itertools
import os
import shutil
import socket
import socketserver
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

import pytest
from PIL import Image, ImageOps

from img2latex.data import web
from img2latex.data.render import Look, render
from img2latex.reader.checkpoints import CHECKPOINTS
from img2latex.web.views import data_uri

ROOT = Path(__file__).resolve().parent.parent
DIRECT = build_opener(ProxyHandler({}))  # the listener below is for the app, not for the tests
FORMULAS = {"circle": "x^{2}+y^{2}=1", "fraction": r"\frac{a}{b}"}  # any shipped checkpoint must read them
PAPER = r"""\documentclass[12pt]{article}\usepackage{amsmath}\pagestyle{empty}\begin{document}
\noindent The distance between two points of the plane follows from a theorem about triangles.
For the sides of a right triangle it says that
\begin{equation}a^{2}+b^{2}=c^{2}\end{equation}
where the longest side lies opposite to the right angle. It was known in Babylon already.
The area of a circle of radius one is found by integration, and its value is
\begin{equation}\int_{0}^{1}\frac{dx}{1+x^{2}}=\frac{\pi}{4}\end{equation}
so that many digits can be computed. This ends the section about plane figures.
\newpage\noindent This page has words only. Nobody finds a formula among them, since there is none to be found.
It tells of the weather and of the long way home, and then it ends.
\end{document}"""
PAPER_FORMULAS = ["a^{2}+b^{2}=c^{2}", r"\int_{0}^{1}\frac{dx}{1+x^{2}}=\frac{\pi}{4}"]
EXERCISES = ["x^{2}-5x+6=0", r"\frac{a+b}{2}\geq\sqrt{ab}", r"\int_{0}^{2}x^{3}\,dx=4", r"a_{n+1}=2a_{n}+1",
             r"\sum_{k=1}^{n}k=\frac{n(n+1)}{2}"]  # fmt: skip
WORDS = ["Find all numbers that solve this equation, and draw its graph.", "Prove the inequality for positive numbers.",
         "Check the value of the integral with a table.", "Write down the first five members of the sequence.",
         "Prove by induction that the sum is right."]
SECONDS = 180  # how long a slow machine may take to start the app
# The files that take longest, the longest first, as a run names them at its end: begun in this order, two processes end
# at about the same time.
LONGEST = (
    "test_runs.py training/test_train.py web/test_pad.py test_browser.py bulk/test_run.py reader/test_recognizer.py "
    "web/test_check_view.py data/test_render.py picture/test_ruling.py export/test_symbolic.py web/test_page_tab.py "
    "test_app.py web/test_history.py test_notebook.py reader/test_engines.py web/test_copying.py web/test_serving.py "
    "reader/test_checkpoints.py hub/test_space.py training/test_page_rules.py data/test_web.py data/test_pages.py "
    "test_load.py reader/test_decoding.py page/test_reading.py reader/test_model.py data/test_kill.py "
    "training/test_finder.py"
).split()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """Marks as slow the tests of these files and all that need the app or a browser; workers begin with these files."""
    def place(item):
        file = os.path.relpath(item.path, ROOT / "tests")
        return LONGEST.index(file) if file in LONGEST else len(LONGEST)

    for item in items:
        if place(item) < len(LONGEST) or {"running_app", "chromium"} & set(item.fixturenames):
            item.add_marker("slow")
    if hasattr(config, "workerinput"):  # one of several processes
        items.sort(key=place)


def pytest_terminal_summary(terminalreporter):
    """Names the files that took longest, setup included: the order of LONGEST."""
    seconds = Counter()
    for report in itertools.chain(*terminalreporter.stats.values()):
        if isinstance(report, pytest.TestReport):
            seconds[report.nodeid.partition("::")[0]] += report.duration
    if len(seconds) > 1:
        terminalreporter.section("slowest files")
        for file, total in seconds.most_common(len(LONGEST)):
            terminalreporter.write_line(f"{total:7.1f}s {file}")


class Outside(socketserver.ThreadingTCPServer):
    """Stands where the internet would be (as the proxy of the app's process), notes each request and answers none."""

    daemon_threads = True

    def __init__(self):
        self.requests = []
        super().__init__(("127.0.0.1", 0), self.Handler)

    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            self.server.requests.append(self.rfile.readline().decode("latin-1").strip())

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"


@pytest.fixture(scope="session")
def outside():
    with Outside() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def workers(pid=None):
    """The processes that a process (this one) has started, from whichever thread, to work with SymPy."""
    threads = Path(f"/proc/{pid or os.getpid()}/task").iterdir()
    started = [child for thread in threads for child in told(thread / "children").split()]
    return {child for child in started if "img2latex.export.symbolic" in told(Path(f"/proc/{child}/cmdline"))}


def told(path):
    """What a file of /proc tells; nothing, if what it is about has ended meanwhile."""
    try:
        return path.read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_up(url, process, log):
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            return DIRECT.open(url, timeout=5).close()
        except (URLError, OSError):
            time.sleep(0.2)
    raise AssertionError(f"the app did not start:\n{log.read_text()}")


@pytest.fixture(scope="session")
def twin(tmp_path_factory):
    """A second checkpoint, so that there is something to compare whatever is shipped: the math one by another name."""
    return shutil.copytree(CHECKPOINTS / "math", tmp_path_factory.mktemp("checkpoints") / "twin")


@pytest.fixture(scope="session")
def app_url(running_app):
    """The address of the app."""
    return running_app[0]


@pytest.fixture(scope="session")
def app_pid(running_app):
    """The number of the app's process."""
    return running_app[1]


@pytest.fixture(scope="session")
def running_app(tmp_path_factory, outside, twin):
    """The app, started the way a person starts it: its address and the number of its process."""
    folder, port = tmp_path_factory.mktemp("app"), free_port()
    log, url = folder / "log.txt", f"http://127.0.0.1:{port}"
    settings = dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), outside.url) | {"no_proxy": "127.0.0.1"}
    settings |= {name.upper(): value for name, value in settings.items()}
    environment = {**os.environ, **settings, "GRADIO_TEMP_DIR": str(folder / "uploads"), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "app.py", "--port", str(port), "--checkpoint", str(twin)]
    with log.open("w") as stream:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=stream, stderr=subprocess.STDOUT)
    try:
        wait_until_up(url, process, log)
        yield url, process.pid
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture(scope="session")
def pictures(tmp_path_factory):
    """A folder of printed formulas, one for each of FORMULAS, and of what else people upload."""
    folder = tmp_path_factory.mktemp("pictures")
    for name, ink in zip(FORMULAS, render(list(FORMULAS.values()), Look(size=12, dpi=220)), strict=True):
        ImageOps.expand(Image.fromarray(ink), 20, 255).save(folder / f"{name}.png")
    with Image.open(folder / "circle.png") as circle:
        transparent = Image.new("RGBA", circle.size)
        transparent.putalpha(ImageOps.invert(circle))
    transparent.save(folder / "transparent.png")
    Image.new("L", (300, 100), 255).save(folder / "blank.png")
    (folder / "text.png").write_text("This is a text file, whatever its name says.")
    return folder


@pytest.fixture(scope="session")
def chromium():
    with web.chromium() as browser:
        yield browser


@pytest.fixture
def open_page(chromium, app_url):
    """Opens the app in a fresh browser profile; the keyword arguments are Playwright's (viewport, color_scheme ...).

    When the test ends: no request may have left this machine, and no script of the page may have failed.
    """
    contexts, asked, failures = [], [], []

    def open_it(**options):
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        contexts.append(context)
        context.grant_permissions(["clipboard-read", "clipboard-write"], origin=app_url)
        context.set_default_timeout(60_000)
        context.on("request", lambda request: asked.append(request.url))
        page = context.new_page()
        page.on("pageerror", lambda error: failures.append(error))
        page.goto(app_url)
        page.get_by_role("tab", name="Draw").wait_for()
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert asked and not [url for url in asked if not url.startswith((app_url, "data:", "blob:"))]
    assert not failures


@pytest.fixture
def page(open_page):
    return open_page()


@pytest.fixture(scope="session")
def paper(tmp_path_factory):
    """A PDF of two pages: one with two numbered equations, one without any formula."""
    folder = tmp_path_factory.mktemp("paper")
    (folder / "paper.tex").write_text(PAPER)
    command = ["pdflatex", "-interaction=batchmode", "paper.tex"]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return folder / "paper.pdf"


@pytest.fixture(scope="session")
def screenshot(chromium, tmp_path_factory):
    """A picture of a page in a browser: text with five formulas between its lines."""
    drawn = render(EXERCISES, Look(size=12, dpi=110))
    lines = "".join(
        f"<p>{words}</p><img src='{data_uri(Image.fromarray(ink))}'>" for words, ink in zip(WORDS, drawn, strict=True)
    )
    page = chromium.new_page(viewport={"width": 900, "height": 760})
    page.set_content(f"<body style='font: 19px serif; margin: 40px'><h2>Exercises of the week</h2>{lines}</body>")
    path = tmp_path_factory.mktemp("screenshot") / "exercises.png"
    page.screenshot(path=path)
    page.close()
    return path
