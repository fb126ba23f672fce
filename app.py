"""The browser app: upload, paste or draw a formula, get LaTeX, see what the model saw.

    python app.py                              # every checkpoint that is installed
    python app.py --checkpoint runs/mine       # and one more: a folder, or ORG/NAME on the Hub

The page's tabs are in img2latex/web/; this file finds the checkpoints, puts the tabs together and serves them.
"""

from __future__ import annotations

import argparse
import os
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # read when gradio is imported; on, it asks the internet

import gradio as gr
from gradio.exceptions import InvalidPathError

from img2latex.reader.checkpoints import CHECKPOINTS, PUBLISHED
from img2latex.web import assets, header, history, page_tab, serving, settings
from img2latex.web.many_pictures import ManyPictures
from img2latex.web.one_picture import OnePicture
from img2latex.web.reading_panel import MATHLIVE

HERE = Path(__file__).parent
HOUR = 3600  # seconds


def find_checkpoints(extra: list[str]) -> list[str]:
    """Names of the checkpoints at hand or published, math first, then those asked for on the command line."""
    named = {name for name in ("math", "biology") if os.environ.get(f"IMG2LATEX_{name.upper()}")}
    installed = {weights.parent.name for weights in CHECKPOINTS.glob("*/model.safetensors")}
    known = sorted(named | installed | set(PUBLISHED), key=lambda name: (name != "math", name))
    return list(dict.fromkeys(known + extra))


class Page(gr.Blocks):
    """Blocks whose API answers wrong input with one sentence that names the expected one."""

    async def preprocess_data(self, block_fn, inputs, *arguments, **options) -> list:
        try:
            return await super().preprocess_data(block_fn, inputs, *arguments, **options)
        except InvalidPathError:  # has a clear message of its own
            raise
        except (AttributeError, TypeError, ValueError):  # from Gradio's own checks: their messages take several lines
            taken = ", ".join(part.label for part in block_fn.inputs if part.label)
            raise gr.Error(
                f"This is not what /{block_fn.api_name} takes ({taken}): a file has to be uploaded, and named as in "
                '{"path": "...", "meta": {"_type": "gradio.FileData"}}.', print_exception=False,
            ) from None


def build(checkpoints: list[str]) -> gr.Blocks:
    """The page, with a choice of these checkpoints."""
    with Page(title="img2latex", delete_cache=(HOUR, HOUR)) as demo:
        header.lay_out()
        if checkpoints:
            with gr.Tabs() as tabs:
                with gr.Tab("One picture"):
                    reader = OnePicture(checkpoints)
                with gr.Tab("Page", id=page_tab.TAB):
                    whole = page_tab.PageTab(checkpoints)
                with gr.Tab("Many pictures"):
                    ManyPictures(checkpoints)
                with gr.Tab("History", elem_id="history-tab"):
                    history.lay_out()
            reader.offer.click(whole.take, reader.current, [tabs, whole.file], api_visibility="private")
            settings.remember(demo, reader.choice, reader.careful)
        else:
            gr.Markdown("No checkpoint is installed: put one into `checkpoints/math`, or run `python train.py`.")
    return demo.queue(max_size=24)


def has_mcp() -> bool:
    """Whether version 1 of the package `mcp` is installed, which Gradio needs to serve tools to language models."""
    try:
        return version("mcp").startswith("1.")
    except PackageNotFoundError:
        return False


def main() -> None:
    """Parses the command line and serves the page until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--checkpoint", action="append", default=[], help="one more: a folder, or ORG/NAME on the Hub")
    parser.add_argument("--host", help="0.0.0.0 to serve other machines (default: this one only)")
    parser.add_argument("--port", type=int, help="default: the first free one from 7860 on")
    options = parser.parse_args()
    sans, mono = ("ui-sans-serif", "system-ui", "sans-serif"), ("ui-monospace", "monospace")
    checkpoints = find_checkpoints(options.checkpoint)
    serving.preload(checkpoints)  # before launch: ZeroGPU forks there
    build(checkpoints).launch(
        server_name=options.host, server_port=options.port, show_error=True, enable_monitoring=False, ssr_mode=False,
        footer_links=["api", "settings"], max_file_size="20mb", mcp_server=has_mcp(),
        allowed_paths=[MATHLIVE],
        css_paths=assets.STYLES, head=assets.scripts(),
        theme=gr.themes.Default(primary_hue="teal", font=sans, font_mono=mono),
    )


if __name__ == "__main__":
    main()
