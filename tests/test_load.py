"""Many at once: the running app gives each client the answer to its own picture, fails none, and keeps its memory."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from gradio_client import Client, handle_file
from gradio_client.utils import QueueError
from PIL import Image

from img2latex import Recognizer
from img2latex.data.render import Look, render

FORMULAS = ["x^{2}", "a+b", "y=1", r"\frac{a}{b}", "x-2", "2x+1", "a=b", "n^{2}"]
CLIENTS = 30  # at once: more than the 24 that the queue lets wait
ROUNDS = 3
SECONDS = 600  # how long a slow machine may take for one request
GROWTH = 80  # MB in a round: once everything is loaded, only what Python sets aside


@pytest.fixture(scope="module")
def letters(tmp_path_factory):
    """A folder of pictures of short formulas, {path: what the model reads there when nobody else asks}."""
    folder = tmp_path_factory.mktemp("load")
    for number, ink in enumerate(render(FORMULAS, Look(size=12, dpi=200))):
        Image.fromarray(ink).save(folder / f"{number}.png")
    paths = sorted(map(str, folder.iterdir()))
    reader = Recognizer.from_pretrained("math")
    return {path: reader.recognize(path).tokens for path in paths}


def memory(pid):
    """Megabytes that a process occupies."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * 4 // 1024


def ask_all(clients, paths):
    """Each client asks for its picture, all at the same moment: a list of answers, None where the queue was full."""
    together = threading.Barrier(len(clients))

    def ask(client, path):
        together.wait()
        try:
            return client.predict(handle_file(path), "math", api_name="/recognize")
        except QueueError:
            return None

    with ThreadPoolExecutor(len(clients)) as pool:
        return list(pool.map(ask, clients, paths))


def test_many_clients_get_their_own_answers_and_the_memory_stays(app_url, app_pid, letters):
    clients = [Client(app_url, verbose=False, httpx_kwargs={"timeout": SECONDS}) for _ in range(CLIENTS)]
    questions = [list(letters)[number % len(letters)] for number in range(CLIENTS)]
    assert len({tuple(tokens) for tokens in letters.values()}) > len(FORMULAS) // 2, "the answers can be told apart"
    occupied = []
    for _ in range(ROUNDS):
        answers = ask_all(clients, questions)
        read = [(path, answer) for path, answer in zip(questions, answers, strict=True) if answer]
        assert len(read) >= CLIENTS // 2
        for path, answer in read:
            assert answer["tokens"] == letters[path]
        occupied.append(memory(app_pid))
    assert occupied[-1] - occupied[0] < GROWTH * (ROUNDS - 1), occupied


def test_after_the_rush_the_app_reads_on(app_url, letters):
    path, tokens = next(iter(letters.items()))
    answer = Client(app_url, verbose=False).predict(handle_file(path), "math", api_name="/recognize")
    assert answer["tokens"] == tokens
