"""The tab for many pictures: files in, a table and files to save out."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import gradio as gr

from img2latex.web import serving, uploads, views
from img2latex.web.readings import label_of, path_of, require

BATCHES = {"concurrency_id": "batch", "concurrency_limit": 1}  # a queue of its own: a long batch makes nobody else wait


class ManyPictures:
    """The components for many pictures: files in, a table and files to save out."""

    def __init__(self, checkpoints: list[str]) -> None:
        self.checkpoints = checkpoints
        files = gr.File(label="Pictures, or zips of pictures", file_count="multiple", height=200, elem_id="files")
        choices = [(label_of(name), name) for name in checkpoints]
        choice = gr.Radio(choices, value=checkpoints[0], label="Read by", visible=len(choices) > 1)
        with gr.Row():
            start = gr.Button("Read them all", elem_classes=["act", "main"])
            stop = gr.Button("Stop", elem_classes="act")
        outputs = [gr.HTML(""), gr.HTML("", elem_id="downloads"), gr.Markdown("", elem_id="table")]
        reading = start.click(
            self.show, [files, choice], outputs,
            preprocess=False, show_progress="hidden", api_visibility="private", **BATCHES,
        )
        stop.click(None, cancels=[reading], api_visibility="private")
        files.clear(lambda: ("", "", ""), None, outputs, cancels=[reading], api_visibility="private")

        name = gr.Dropdown(checkpoints, value=checkpoints[0], visible=False, label="Checkpoint")
        gr.on([], self.batch, [files, name], gr.JSON(visible=False), preprocess=False, api_name="batch", **BATCHES)

    def rows(self, files: list[dict] | None, checkpoint: str) -> tuple[Iterator[uploads.Row], int]:
        """The rows, each read when the iterator comes to it, and their number.

        Raises:
            ValueError: nothing can be read; the message is one sentence.
        """
        require(checkpoint, self.checkpoints)
        entries = uploads.entries([path_of(file) for file in files or []])
        serving.reader(checkpoint)  # fails before the first picture if it does not load
        return uploads.rows(entries, partial(serving.recognize, checkpoint=checkpoint)), len(entries)

    def show(self, files: list[dict] | None, checkpoint: str) -> Iterator[tuple[str, str, str]]:
        """Progress, links and table, again and again while the rows come in."""
        try:
            coming, total = self.rows(files, checkpoint)
        except ValueError as error:
            gr.Warning(str(error))
            yield views.notice("doubtful", "<b>Not read</b>", str(error)), "", ""
            return
        yield uploads.progress([], total), "", ""
        rows, step = [], max(1, total // 20)  # a page with hundreds of formulas takes a while to be drawn
        for row in coming:
            rows.append(row)
            if len(rows) % step == 0 or len(rows) == total:
                yield uploads.progress(rows, total), uploads.downloads(rows), uploads.table(rows)

    def batch(self, files: list[dict] | None, checkpoint: str) -> list[dict]:
        """Turns many pictures, of one formula each, into LaTeX.

        Args:
            files: Pictures (PNG, JPEG, WebP and others), zips of pictures, or both; at most 300 pictures in all.
            checkpoint: The model: math reads mathematics, biology also chemistry and biology.

        Returns:
            for each picture its name
            latex: empty if no formula was read
            confidence: from 0 to 1, that all of it is right
            warning: why to distrust it or why it was not read, or null
        """
        try:
            rows, _ = self.rows(files, checkpoint)
        except ValueError as error:
            raise gr.Error(str(error), print_exception=False) from None
        return [row.as_json() for row in rows]

    batch._mcp_type = "none"  # no tool for language models: Gradio can't hand it a list of files
