"""The app as a program sees it: its endpoints through gradio_client, what it refuses, what it asks of the network."""

import ast
import asyncio
import base64
import json
import re
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from types import SimpleNamespace
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import ProxyHandler, Request, build_opener

import gradio as gr
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client

import app
from img2latex import Recognizer
from img2latex.latex import normalize
from img2latex.picture.loading import PictureError
from img2latex.web import reading_panel, readings, workbench
from tests.conftest import FORMULAS, PAPER_FORMULAS, workers
from tests.export.test_symbolic import ENDLESS
from tests.export.test_word import read_back

ROOT = app.HERE
FIELDS = {"checkpoint", "latex", "tokens", "probabilities", "confidence", "warning", "seconds"}
DIRECT = build_opener(ProxyHandler({}))


@pytest.fixture(scope="module")
def client(app_url):
    return Client(app_url, verbose=False)


@pytest.fixture(scope="module")
def printed(pictures):
    return handle_file(str(pictures / "circle.png"))


def reading(latex="a+b", confidence=0.5, tokens=("a", "+", "b"), probabilities=(0.95, 0.7, 0.2), warning=None):
    result = SimpleNamespace(
        latex=latex, tokens=list(tokens), probabilities=list(probabilities), confidence=confidence, warning=warning
    )
    return readings.Reading("formula.png", "math", result, 0.25)


# The endpoints --------------------------------------------------------------------------------------------------------


def test_recognize_reads_a_picture(client, printed):
    answer = client.predict(printed, "math", api_name="/recognize")
    assert set(answer) == FIELDS
    assert normalize(answer["latex"]) == normalize(" ".join(answer["tokens"])) == normalize(FORMULAS["circle"])
    assert len(answer["tokens"]) == len(answer["probabilities"])
    assert all(0 <= p <= 1 for p in [*answer["probabilities"], answer["confidence"]])
    assert answer["checkpoint"] == "math" and answer["seconds"] > 0


def test_a_careful_reading_is_told_as_the_reader_reads_carefully(client, pictures):
    reader = Recognizer.from_pretrained("math")
    shown = [ROOT / "examples" / "1-printed.png", ROOT / "examples" / "4-biology.png"]
    for path in map(str, [*(pictures / f"{name}.png" for name in FORMULAS), *shown]):
        careful = reader.recognize(path, careful=True)
        answer = client.predict(handle_file(path), "math", True, api_name="/recognize")
        assert answer["tokens"] == careful.tokens and careful.sizes == 3
        assert answer["probabilities"] == pytest.approx(careful.probabilities, abs=1e-4)


def test_compare_reads_with_every_checkpoint(client, printed, twin):
    answers = client.predict(printed, api_name="/compare")
    names = [answer["checkpoint"] for answer in answers]
    assert names[0] == "math" and names[-1] == str(twin)
    assert answers[0]["tokens"] == answers[-1]["tokens"]  # the twin is a copy
    assert all(set(answer) == FIELDS for answer in answers)


def test_batch_reads_files_and_zips(client, pictures, tmp_path):
    with zipfile.ZipFile(tmp_path / "more.zip", "w") as archive:
        archive.write(pictures / "fraction.png", "in/fraction.png")
        archive.writestr("../evil.png", b"outside")
    paths = (pictures / "circle.png", pictures / "text.png", tmp_path / "more.zip")
    answers = client.predict([handle_file(str(path)) for path in paths], "math", api_name="/batch")
    assert [answer["name"] for answer in answers] == ["circle.png", "text.png", "in/fraction.png", "../evil.png"]
    assert all(set(answer) == {"name", "latex", "confidence", "warning"} for answer in answers)
    read = [normalize(answer["latex"]) if answer["latex"] else None for answer in answers]
    assert read == [normalize(FORMULAS["circle"]), None, normalize(FORMULAS["fraction"]), None]
    assert "not a picture" in answers[1]["warning"] and "outside" in answers[3]["warning"]


def test_a_batch_refuses_in_one_sentence(client, printed):
    with pytest.raises(AppError, match="no picture among"):
        client.predict([], "math", api_name="/batch")
    with pytest.raises(AppError, match="no such checkpoint"):
        client.predict([printed], "/etc", api_name="/batch")


def test_only_the_documented_endpoints_can_be_called(client):
    described = client.view_api(return_format="dict", print_info=False)
    assert set(described["named_endpoints"]) == {"/recognize", "/compare", "/batch", "/page"}
    assert not described["unnamed_endpoints"]


def test_a_blank_picture_is_no_error_but_a_warning(client, pictures):
    answer = client.predict(handle_file(str(pictures / "blank.png")), "math", api_name="/recognize")
    assert answer["latex"] == "" and answer["tokens"] == [] and answer["warning"]


@pytest.mark.parametrize(
    "name, content", [("text.png", b"plain text"), ("cut.png", None), ("empty.png", b""), ("page.svg", b"<svg/>")]
)
def test_what_is_no_picture_gets_one_sentence(client, tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes((ROOT / "examples" / "1-printed.png").read_bytes()[:300] if content is None else content)
    with pytest.raises(AppError) as caught:
        client.predict(handle_file(str(path)), "math", api_name="/recognize")
    sentence = str(caught.value)
    assert sentence.endswith(".") and len(sentence) < 200 and "\n" not in sentence
    assert str(tmp_path) not in sentence and "Traceback" not in sentence


def test_no_picture_gets_one_sentence(client):
    with pytest.raises(AppError, match="no picture"):
        client.predict(None, "math", api_name="/recognize")


@pytest.mark.parametrize("name", ["nonsense", "/etc", "..", "compare", "ORG/NAME"])
def test_a_checkpoint_that_is_not_offered_is_not_loaded(client, printed, name):
    with pytest.raises(AppError, match="no such checkpoint"):
        client.predict(printed, name, api_name="/recognize")


def test_a_file_of_the_server_cannot_be_read_as_a_picture(client):
    path = str(ROOT / "examples" / "1-printed.png")  # a real picture, but nobody uploaded it
    with pytest.raises(AppError, match="uploaded"):
        client.predict({"path": path}, "math", api_name="/recognize")


@pytest.mark.parametrize("meta", [{}, {"meta": {"_type": "gradio.FileData"}}])
@pytest.mark.parametrize("name", ["recognize", "batch"])
def test_nor_by_hand_made_requests(app_url, name, meta):
    file = {"path": str(ROOT / "examples" / "1-printed.png"), **meta}
    assert refusal(app_url, name, [file] if name == "batch" else file, "math", False)


def refusal(url, name, *data):
    """What a program is told that sends this data to an endpoint."""
    body = json.dumps({"data": data}).encode()
    request = Request(f"{url}/gradio_api/call/{name}", body, {"Content-Type": "application/json"})
    event = json.load(DIRECT.open(request))["event_id"]
    answer = DIRECT.open(f"{url}/gradio_api/call/{name}/{event}").read().decode()
    assert "event: error" in answer and "event: complete" not in answer
    return json.loads(answer.rpartition("data: ")[2])["error"]


BAD_FILES = ["formula.png", 5, [5], True, {"path": 5}, {"url": []}, {"path": "a.png"}, {"name": "a.png"}]


@pytest.mark.parametrize("file", BAD_FILES)
@pytest.mark.parametrize("name", ["recognize", "compare", "batch"])
def test_what_a_program_got_wrong_is_told_in_one_sentence(app_url, name, file):
    said = refusal(app_url, name, [file] if name == "batch" else file, *["math", False][: 2 - (name == "compare") * 2])
    assert said.endswith(".") and "\n" not in said and "pydantic" not in said and len(said) < 250, said


def test_what_is_no_list_of_files_and_what_is_missing_is_told_in_one_sentence(app_url):
    for data in (["math"], [{"path": "a.png"}, "math"], [], [None]):
        said = refusal(app_url, "batch", *data)
        assert "This is not what /batch takes (Pictures, or zips of pictures, Checkpoint)" in said and "\n" not in said


def test_careful_is_true_or_false(app_url):
    assert refusal(app_url, "recognize", None, "math", "false") == "Careful is either true or false."


@pytest.mark.parametrize("path", ["app.py", "README.md", "img2latex/__init__.py"])
def test_files_of_the_project_are_not_served(app_url, path):
    with pytest.raises(HTTPError) as caught:
        DIRECT.open(f"{app_url}/gradio_api/file={quote(str(ROOT / path))}")
    assert caught.value.code in (403, 404)


def test_the_server_asks_nothing_outside(client, printed, outside):
    client.predict(printed, "math", api_name="/recognize")
    assert outside.requests == []
    proxied = build_opener(ProxyHandler({"http": outside.url}))
    with pytest.raises(OSError):  # the listener does hear what it should hear
        proxied.open("http://formula.invalid/", timeout=10)
    assert outside.requests.pop().startswith("GET http://formula.invalid/")


# The endpoints as tools of a language model (Model Context Protocol) --------------------------------------------------


async def with_tools(url, act):
    """What `act` returns for a session with the running app's tools."""
    async with streamable_http_client(f"{url}/gradio_api/mcp/") as (*pipes, _), ClientSession(*pipes) as tools:
        await tools.initialize()
        return await act(tools)


def finished(coroutine):
    """What a coroutine returns; in a thread of its own, since Playwright leaves a loop running in the main one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


def test_the_endpoints_are_tools_that_describe_themselves(app_url):
    tools = finished(with_tools(app_url, ClientSession.list_tools)).tools
    assert {tool.name for tool in tools} == {"recognize", "compare"}
    for tool in tools:
        assert "LaTeX" in tool.description and "Returns: " in tool.description
        assert all(taken["description"] for taken in tool.inputSchema["properties"].values()), tool.name
    schema = {tool.name: tool.inputSchema["properties"] for tool in tools}["recognize"]
    assert list(schema) == ["picture", "checkpoint", "careful"] and "math" in schema["checkpoint"]["enum"]


def test_a_tool_reads_a_picture_and_refuses_in_one_sentence(app_url, pictures):
    files = [base64.b64encode((pictures / name).read_bytes()).decode() for name in ("circle.png", "text.png")]

    async def act(tools):
        return [await tools.call_tool("recognize", {"picture": f"data:image/png;base64,{file}"}) for file in files]

    answered, refused = finished(with_tools(app_url, act))
    answer = ast.literal_eval(answered.content[0].text)
    assert set(answer) == FIELDS and normalize(answer["latex"]) == normalize(FORMULAS["circle"])
    sentence = refused.content[0].text
    assert refused.isError and sentence.endswith("is not a picture that can be read.") and "Traceback" not in sentence


def test_without_the_package_there_are_no_tools(monkeypatch):
    assert app.has_mcp()
    monkeypatch.setattr(app, "version", lambda name: "2.3.0")
    assert not app.has_mcp()
    monkeypatch.setattr(app, "version", lambda name: version("no-such-package"))
    assert not app.has_mcp()


# What the page is built from ------------------------------------------------------------------------------------------


def test_checkpoints_are_found_math_first(tmp_path, monkeypatch):
    for name in ("astronomy", "biology", "math"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "model.safetensors").touch()
    (tmp_path / "unfinished").mkdir()
    monkeypatch.setattr(app, "CHECKPOINTS", tmp_path)
    monkeypatch.setattr(app, "PUBLISHED", {})
    monkeypatch.delenv("IMG2LATEX_BIOLOGY", raising=False)
    assert app.find_checkpoints(["runs/mine", "biology"]) == ["math", "astronomy", "biology", "runs/mine"]


def test_a_checkpoint_named_by_the_environment_or_published_is_offered(tmp_path, monkeypatch):
    monkeypatch.setattr(app, "CHECKPOINTS", tmp_path)
    monkeypatch.setattr(app, "PUBLISHED", {"math": "org/math@0"})
    monkeypatch.setenv("IMG2LATEX_BIOLOGY", str(tmp_path))
    assert app.find_checkpoints([]) == ["math", "biology"]


def shown(blocks):
    """The texts and the visible labels of a page."""
    config = blocks.get_config_file()
    return [part["props"] for part in config["components"] if part["props"].get("visible", True) is True]


def test_without_a_checkpoint_the_page_says_so():
    values = [str(props.get("value")) for props in shown(app.build([]))]
    assert any("No checkpoint is installed" in value for value in values)


def test_with_one_checkpoint_there_is_nothing_to_choose():
    labels = [props.get("label") for props in shown(app.build(["math"]))]
    assert "Read by" not in labels and "Picture" in labels
    assert "Read by" in [props.get("label") for props in shown(app.build(["math", "biology"]))]


def test_the_more_certain_reading_is_advised():
    unsure, sure = reading("a", 0.3), reading("b", 0.8)
    sure.checkpoint = "runs/biology"
    assert readings.advice([unsure, sure]) == "**Biology** is more certain: 80% against Math 30%."  # the same tokens
    assert readings.advice([unsure, unsure]) == "All read the same."


def test_it_is_told_in_words_where_two_readings_differ():
    one = reading("a+b", 0.8, "a + b".split())
    other = reading("a-b_{2}", 0.3, "a - b _ { 2 }".split())
    other.checkpoint = "biology"
    told = readings.advice([other, one])
    assert "Where they differ: Math has `+` and Biology has `-`; Math has nothing and Biology has `_ { 2 }`." in told
    many = reading("x", 0.1, "b - b - b - b - b".split())
    assert "; and " in readings.in_words(reading("y", 0.8, "c - c - c - c - c".split()), many)


def test_a_chosen_alternative_is_read_on_from_as_carefully_and_little_is_kept_of_it(pictures):
    with gr.Blocks():
        panel = reading_panel.Panel("")
    first = readings.take_reading(str(pictures / "fraction.png"), "math", careful=True)
    second = panel.choose(first, SimpleNamespace(place="0", rank="1"))
    back = panel.choose(second[panel.reading], SimpleNamespace(undo="1"))
    assert back[panel.reading] is first and back[panel.latex] == first.result.latex
    assert "read carefully" in second[panel.verdict]
    kept = second[panel.reading]
    assert kept.result.tokens[0] == first.result.alternatives[0][1][0]
    assert not kept.result.attention and len(kept.looked) < 10_000
    assert 'class="looked"' in panel.look(kept, SimpleNamespace(place="0"))[panel.crop]


def test_a_page_from_before_a_restart_is_told_so():
    with gr.Blocks():
        panel = reading_panel.Panel("")
    event = SimpleNamespace(place="0", rank="0")
    for act in (panel.look, panel.choose):
        with pytest.raises(gr.Error, match="restarted"):
            act(None, event)


def updates(latex):
    """What the page is told of a formula, update by update, without those that change nothing."""
    return [update for update in workbench.work(latex) if update != (gr.skip(), gr.skip())]


def test_sympy_is_silent_about_what_it_may_misunderstand():
    first, *rest = updates("x^{2}+x^{2}")
    assert "formula.svg" in first[0] and first[1] == "One moment."  # no picture waits for SymPy
    assert rest[0][1].startswith("As SymPy reads it $$") and "4 x" in rest[-1][1]
    assert ">SymPy code<" in rest[-1][0]
    copies, answer = updates(r"a \pm b")[-1]
    assert "surely right" in answer and "$$" not in answer and "formula.svg" in copies and "SymPy" not in copies
    (_, solved), *others = updates(r"\frac{x^{2}}{x}=0")[1:]  # what it has no words for it may have solved all the same
    assert solved.startswith(r"Solved $$x \in \emptyset") and not others


def test_the_work_for_a_page_ends_when_the_page_is_closed():
    asking = workbench.work(ENDLESS)
    assert any("As SymPy reads it" in answers for _, answers in asking if isinstance(answers, str))
    assert next(asking) == (gr.skip(), gr.skip())  # Gradio is asked whether anybody still waits
    assert len(workers()) == 1
    asking.close()
    assert workers() == set()


def test_a_formula_can_be_saved_as_a_picture_and_for_word_or_it_is_told_why_not():
    html = workbench.files(r"\frac{a}{b}")
    files = dict(re.findall(r'download="([^"]+)" href="data:[^,]+;base64,([^"]+)"', html))
    assert list(files) == ["formula.svg", "formula.png", "formula.docx"]
    assert base64.b64decode(files["formula.svg"]).startswith(b"<svg") and "Save as" in html
    assert base64.b64decode(files["formula.png"]).startswith(b"\x89PNG")
    assert read_back(base64.b64decode(files["formula.docx"])) == [r"\frac{a}{b}"]
    assert workbench.files(" ") == ""
    refused = workbench.files(r"\frac{1}{2")
    assert "can't be saved as a picture: a brace or an environment is opened" in refused and "href" not in refused


def test_only_the_reader_brings_torch_and_nothing_sympy():
    """The page itself stays light: what is wanted only on demand is imported then."""
    asked = """
import sys
from unittest.mock import MagicMock
for name in ("web.serving", "reader.checkpoints"):
    sys.modules[f"img2latex.{name}"] = MagicMock()
import app
print(*{"torch", "sympy", "ziamath", "img2latex.export.symbolic"} & set(sys.modules))"""
    run = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == ""


def test_only_uploads_have_a_path(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "uploads"))
    inside = {"path": str(tmp_path / "uploads" / "abc" / "a.png")}
    assert readings.path_of(inside) == readings.path_of({"background": None, "composite": inside}) == inside["path"]
    assert readings.path_of(None) is readings.path_of({"background": None, "layers": [], "composite": None}) is None
    for path in (tmp_path / "b.png", tmp_path / "uploads" / ".." / "b.png"):
        with pytest.raises(PictureError):
            readings.path_of({"path": str(path)})


def test_page_tells_its_formulas_in_reading_order(client, paper):
    answer = client.predict(handle_file(str(paper)), 1, "math", api_name="/page")
    shown = [region for region in answer["regions"] if region["kind"] == "displayed"]
    assert [normalize(region["latex"]) for region in shown] == [normalize(formula) for formula in PAPER_FORMULAS]
    assert all(0 <= region["box"][0] < region["box"][2] <= answer["width"] for region in shown)
    assert r"\tag{1}" in answer["markdown"]
    with pytest.raises(AppError, match="There is no page 9"):
        client.predict(handle_file(str(paper)), 9, "math", api_name="/page")
