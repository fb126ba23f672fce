"""Which pages folders, archives, lists and addresses hold."""

import tarfile
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from img2latex.bulk import sources
from img2latex.picture import pdf


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def site(files, monkeypatch):
    """The address of a server that has the files."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=files)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_a_folder_is_searched_at_any_depth_for_what_can_be_read(files):
    found = sources.files(f"{files}/")
    assert [name.removeprefix(f"{files}/") for name in found] == [
        "broken.pdf", "deep/0-circle.png", "deep/1-fraction.png", "deep/2-circle.png", "deep/3-fraction.png",
        "paper.pdf", "shard.tar",
    ]  # fmt: skip


def test_a_list_names_paths_and_addresses_and_what_fails_is_told(files, site, tmp_path):
    given = [str(files / "paper.pdf"), f"{site}/deep/0-circle.png", f"{site}/nowhere.png", f"{site}/shard.tar",
             "nosuch://x/y.png", str(files / "gone.png")]  # fmt: skip
    (tmp_path / "list.txt").write_text("\n".join([*given, "", given[0]]))
    assert sources.files(str(tmp_path / "list.txt")) == given
    sheets = {source: list(sources.pages(source)) for source in given}
    assert [sheet.page for sheet in sheets[given[0]]] == [1, 2]
    assert sheets[given[1]] == [sources.Sheet(given[1], 0, (files / "deep" / "0-circle.png").read_bytes())]
    assert [sheet.source.removeprefix(site) for sheet in sheets[given[3]]] == [
        "/shard.tar/inner/circle.png", *["/shard.tar/paper.pdf"] * 2, "/shard.tar/text.png",
    ]  # fmt: skip
    for source, words in ((given[2], "404"), (given[4], "nosuch"), (given[5], "No such file")):
        (sheet,) = sheets[source]
        assert words in sheet.reason and not sheet.content, sheet


def test_pages_done_before_are_left_out_and_the_rest_of_a_cut_archive_is_told_once(files, tmp_path):
    archive = tmp_path / "cut.tar"
    content = (files / "shard.tar").read_bytes()
    archive.write_bytes(content[: tarfile.BLOCKSIZE + 700])
    (told,) = sources.pages(str(archive))
    assert told.reason and not told.page
    assert not list(sources.pages(str(archive), {(str(archive), 0)}))
    paper = str(files / "paper.pdf")
    assert [sheet.page for sheet in sources.pages(paper, {(paper, 1)})] == [2]


def test_where_there_is_nothing_to_read_it_is_said(tmp_path):
    for place, words in ((tmp_path, "There is no picture, PDF or tar archive"), (tmp_path / "a.png", "There is no ")):
        with pytest.raises(ValueError, match=words):
            sources.files(str(place))


def test_a_page_taken_out_of_a_pdf_looks_as_in_it(files):
    content = (files / "paper.pdf").read_bytes()
    alone = pdf.single_page(content, 2)
    assert pdf.page_count(alone) == 1
    assert pdf.draw_page(alone, 1).tobytes() == pdf.draw_page(content, 2).tobytes()
