"""The command line: pictures of formulas in, LaTeX out.

    img2latex formula.png                                 # or python -m img2latex, as all that follows
    img2latex scans/ more.png --checkpoint biology --json
    some-screenshot-tool | img2latex -
    img2latex app                                         # what app.py does; and `train`, what train.py does
    img2latex serve                                       # an address for screenshot tools
    img2latex paper.pdf --page --pages 1-3 --out paper/   # whole pages, as Markdown

One picture prints its LaTeX; several print one line each: path, tab, LaTeX. Errors go to standard error and don't stop
the other pictures. Exit status: 0 when every picture was read, 1 when some were not, 2 when none could
be tried (a wrong option, no such checkpoint).
"""

import argparse
import io
import json
import os
import runpy
import sys
from collections.abc import Iterator
from pathlib import Path

READ_ALL, READ_SOME, READ_NONE = 0, 1, 2
STDIN = "-"
FORMULA_FORMATS, PAGE_FORMATS = ("latex", "docx"), ("markdown", "tex", "docx", "json")
SCRIPTS = {"app": "app.py", "train": "train.py"}  # first arguments that stand for a program; `./app` is a picture


def command() -> int:
    """The entry point of the installed command `img2latex`; see `main`."""
    try:
        return main()
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader of the pipe has seen enough, as with `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return READ_SOME


def main(arguments: list[str] | None = None) -> int:
    """Runs the command and returns its exit status."""
    first, *others = (sys.argv[1:] if arguments is None else arguments) or [""]
    if first in SCRIPTS:
        return _run_script(first, others)
    if first == "serve":
        from img2latex.web import endpoint

        return endpoint.main(others)
    options = _options(arguments)
    return _read_pages(options) if options.page else _recognize(options)


def _run_script(name: str, arguments: list[str]) -> int:
    from img2latex.files.beside import beside

    path = beside(SCRIPTS[name])
    sys.argv = [str(path), *arguments]
    runpy.run_path(str(path), run_name="__main__")
    return 0


def _recognize(options: argparse.Namespace) -> int:
    """Reads the pictures, and returns the exit status."""
    paths, failed = _expand(options.pictures)
    if not paths:
        return READ_SOME
    reader = _reader(options)
    if not reader:
        return READ_NONE
    show = _show_json if options.json else _show_line if len(paths) > 1 else _show_latex
    formulas = []
    for path, result, problem in _read(reader, paths, options.beam, options.careful):
        if problem:
            _complain(f"{path}: {problem}")
        failed |= result is None
        if not options.out:
            show(path, result, problem)
        elif result:
            formulas.append((path if len(paths) > 1 else "", result.latex))
    if formulas:
        try:
            _save(options.out, formulas)
        except OSError as error:
            _complain(f"{options.out}: {error.strerror}")
            return READ_SOME
    return READ_SOME if failed else READ_ALL


def _reader(options: argparse.Namespace):
    """The Recognizer named on the command line; None, after an error message, if it fails to load."""
    from img2latex import Recognizer  # late, so that --help and a mistyped option are answered at once

    try:
        return Recognizer.from_pretrained(options.checkpoint, fast=options.fast)
    except ValueError as error:
        _complain(error)
        return None


def _save(out: Path, formulas: list[tuple[str, str]]) -> None:
    from img2latex.export.word import document
    from img2latex.files.atomic import replacing

    with replacing(out) as draft:
        draft.write_bytes(document(formulas))


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = _parser()
    options = parser.parse_args(arguments)
    formats = PAGE_FORMATS if options.page else FORMULA_FORMATS
    if options.format and options.format not in formats:
        parser.error(f"--format is {', '.join(formats)} {'with' if options.page else 'without'} --page")
    if options.page and options.format == "docx" and not options.out:
        parser.error("--page --format docx needs --out FOLDER")
    if options.page:
        return options
    if options.pages:
        parser.error("--pages goes with --page")
    if (options.format == "docx") != bool(options.out) or options.out and options.json:
        parser.error("--format docx and --out FILE go together, and without --json")
    return options


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="img2latex",
        description="Reads pictures of formulas and prints their LaTeX, one line a picture.",
        epilog="Exit status: 0 every picture was read, 1 some were not, 2 none could be tried. `img2latex app` starts "
        "the app, `img2latex serve` answers screenshot tools, `img2latex train` trains: each has a --help of its own.",
    )
    parser.add_argument("pictures", nargs="+", metavar="PICTURE", help="a file, a folder, or - for standard input")
    parser.add_argument(
        "--checkpoint",
        default="math",
        metavar="NAME",
        help="math, biology, a folder, or ORG/NAME[@REVISION] on the Hugging Face Hub (default: math)",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object a picture, failures included")
    parser.add_argument("--format", choices=dict.fromkeys(FORMULA_FORMATS + PAGE_FORMATS),
                        help="LaTeX (default), or a Word document with editable equations; "
                             "with --page: markdown (default), tex, docx or json")  # fmt: skip
    parser.add_argument("--out", type=Path, metavar="PATH",
                        help="file for the Word document; with --page: folder for a file for each page")  # fmt: skip
    parser.add_argument(
        "--beam", type=_positive, default=1, metavar="N", help="follow the N best readings (default: 1)"
    )
    parser.add_argument("--page", action="store_true", help="read whole pages, pictures or PDFs: formulas and text")
    parser.add_argument("--pages", metavar="1-3,7", help="with --page: these pages of each PDF (default: all)")
    careful = "read at three sizes, take what is most probable (default: handwriting and print in doubt)"
    parser.add_argument("--careful", action=argparse.BooleanOptionalAction, help=careful)
    parser.add_argument("--fast", action="store_true", help="compute in 8 bits: faster, a little less exact")
    return parser


def _read_pages(options: argparse.Namespace) -> int:
    """Reads whole pages and returns the exit status."""
    from img2latex.page import command

    reader = _reader(options)
    if not reader:
        return READ_NONE
    form = options.format or ("json" if options.json else "markdown")
    told = {"beam_size": options.beam, "careful": options.careful}
    done = command.run(options.pictures, reader, options.pages, form, options.out, _complain, **told)
    return READ_ALL if done else READ_SOME


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is less than 1")
    return number


def _expand(names: list[str]) -> tuple[list[str], bool]:
    """Replaces each folder by its pictures; also returns whether a folder had none."""
    from img2latex.picture.loading import SUFFIXES

    paths, failed = [], False
    for name in names:
        if name == STDIN or not os.path.isdir(name):
            paths.append(name)
            continue
        inside = sorted(str(path) for path in Path(name).iterdir() if path.suffix.lower() in SUFFIXES)
        if not inside:
            _complain(f"{name}: there is no picture in this folder.")
            failed = True
        paths += inside
    return paths, failed


def _read(reader, paths: list[str], beam: int, careful: bool | None) -> Iterator[tuple]:
    """Yields (path, Recognition or None, warning or error) for each picture as soon as it is read."""
    from img2latex.picture.loading import PictureError

    for path in paths:
        picture = io.BytesIO(sys.stdin.buffer.read()) if path == STDIN else path
        try:
            result = reader.recognize(picture, beam_size=beam, careful=careful, alternatives=1, attention=False)
        except (PictureError, OSError) as error:
            yield path, None, error
        else:
            yield path, result if result.latex else None, result.warning


def _show_latex(path, result, problem) -> None:
    if result:
        _print(_one_line(result.latex))


def _show_line(path, result, problem) -> None:
    if result:
        _print(f"{path}\t{_one_line(result.latex)}")


def _show_json(path, result, problem) -> None:
    if result:
        record = {"path": path, "latex": result.latex, "confidence": round(result.confidence, 4)}
        record |= {"warning": result.warning} if result.warning else {}
    else:
        record = {"path": path, "error": str(problem)}
    _print(json.dumps(record, ensure_ascii=False))


def _one_line(latex: str) -> str:
    return " ".join(latex.split())


def _print(line: str) -> None:
    print(line, flush=True)  # at once: whoever reads the pipe sees each picture as it is done


def _complain(message) -> None:
    print(f"img2latex: {message}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(command())
