"""An address for screenshot tools: a picture is posted to it, and its LaTeX comes back as plain text.

    img2latex serve                                              # at http://127.0.0.1:7870, for this machine alone
    curl --data-binary @formula.png http://127.0.0.1:7870
    curl --data-binary @formula.png "http://127.0.0.1:7870?format=mathml&checkpoint=biology&careful=yes"

Errors are answered with a status of 400 or more and one sentence.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import uvicorn
from anyio import CapacityLimiter, to_thread
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from img2latex.web import serving

HOST, PORT = "127.0.0.1", 7870
MOST_BYTES = 20_000_000  # of a request, as in the app
FORMATS = ("latex", "mathml", "typst", "json")
SWITCH = {"handwriting": None, "yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
WHAT = (
    "Post a picture of a formula here: its LaTeX comes back.\n"
    "  curl --data-binary @formula.png {address}\n"
    "Parameters: format=" + "|".join(FORMATS) + ", checkpoint={checkpoints}, careful=yes.\n"
)


def build(checkpoints: Sequence[str]) -> Starlette:
    """The endpoint as an ASGI application.

    Args:
        checkpoints: on offer; the first is the default.
    """
    free = CapacityLimiter(serving.AT_ONCE)

    async def answer(request: Request) -> Response:
        form, checkpoint, careful = _parameters(request, checkpoints)
        picture = await _picture(request)
        return await to_thread.run_sync(_read, picture, form, checkpoint, careful, limiter=free)

    async def tell(request: Request) -> Response:
        return PlainTextResponse(WHAT.format(address=request.url, checkpoints="|".join(checkpoints)))

    async def refuse(request: Request, error: HTTPException) -> Response:
        return PlainTextResponse(f"{error.detail}\n", error.status_code, error.headers)

    routes = [Route("/", answer, methods=["POST"]), Route("/", tell)]
    return Starlette(routes=routes, exception_handlers={HTTPException: refuse})


def _parameters(request: Request, checkpoints: Sequence[str]) -> tuple[str, str, bool]:
    """Format, checkpoint and whether to read carefully; raises HTTPException for unknown ones."""
    asked = dict(request.query_params)
    found = [("format", FORMATS), ("checkpoint", tuple(checkpoints)), ("careful", tuple(SWITCH))]
    unknown = asked.keys() - {name for name, _ in found}
    if unknown:
        raise HTTPException(400, f"There is no parameter {min(unknown)}; there is format, checkpoint and careful.")
    values = []
    for name, choices in found:
        value = asked.get(name, choices[0])
        if value not in choices:
            allowed = "yes or no" if name == "careful" else " or ".join(choices)
            raise HTTPException(400, f"{name} is {allowed}, not {value}.")
        values.append(value)
    form, checkpoint, careful = values
    return form, checkpoint, SWITCH[careful]


async def _picture(request: Request) -> bytes:
    """The posted picture: all of the body, or the file of a form."""
    is_form = request.headers.get("content-type", "").startswith("multipart/form-data")
    if is_form and int(request.headers.get("content-length", MOST_BYTES + 1)) <= MOST_BYTES:
        async with request.form() as form:
            files = [part for part in form.values() if isinstance(part, UploadFile)]
            if not files:
                raise HTTPException(400, "There is no file in this form.")
            return await files[0].read()
    body, size = bytearray(), 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= MOST_BYTES:  # the rest is received, since few clients read an answer earlier, but not kept
            body += chunk
    if size > MOST_BYTES:
        raise HTTPException(413, f"The picture is larger than {MOST_BYTES // 1_000_000} MB.")
    if not body:
        raise HTTPException(400, "There is no picture in this request: post it as the body.")
    return bytes(body)


def _read(picture: bytes, form: str, checkpoint: str, careful: bool | None) -> Response:
    try:
        result = serving.recognize(picture, checkpoint, careful=careful, alternatives=1, attention=False)
    except ValueError as error:
        raise HTTPException(422, str(error).replace("the data", "This", 1)) from None
    if form == "json":
        found = {"latex": result.latex, "confidence": round(result.confidence, 4), "warning": result.warning}
        return JSONResponse(found)
    if not result.latex:
        raise HTTPException(422, result.warning)
    return PlainTextResponse(f"{_written(result.latex, form)}\n")


def _written(latex: str, form: str) -> str:
    if form == "latex":
        return latex
    from img2latex.export import markup  # late: it imports SymPy, which takes a second

    name = {"mathml": "MathML", "typst": "Typst"}[form]
    found = markup(latex)
    if name not in found:
        raise HTTPException(422, f"{name} has no right spelling for {latex}")
    return found[name]


def main(arguments: list[str] | None = None) -> int:
    """Serves until interrupted, and returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="img2latex serve", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--checkpoint", action="append", metavar="NAME",
        help="checkpoints on offer, the first is the default (default: math and biology)",
    )  # fmt: skip
    parser.add_argument("--host", default=HOST, help="0.0.0.0 to serve other machines (default: this one only)")
    parser.add_argument("--port", type=int, default=PORT, help=f"default: {PORT}")
    options = parser.parse_args(arguments)
    checkpoints = options.checkpoint or ["math", "biology"]
    try:
        serving.reader(checkpoints[0])  # now, so that the first picture need not wait
    except ValueError as error:
        print(f"img2latex: {error}", file=sys.stderr)
        return 2
    uvicorn.run(build(checkpoints), host=options.host, port=options.port, log_level="warning")
    return 0
