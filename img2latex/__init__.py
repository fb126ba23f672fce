"""Pictures of formulas to LaTeX: `Recognizer.from_pretrained("math").recognize(picture).latex`."""

from importlib import import_module

__version__ = "0.1.0"

# Loaded when first asked for: torch takes seconds to import, and `python -m img2latex --help` needs none of it.
_HOMES = {
    "Img2Latex": "img2latex.reader.model",
    "ModelConfig": "img2latex.config",
    "Page": "img2latex.page.reading",
    "Recognition": "img2latex.reader.recognizer",
    "Recognizer": "img2latex.reader.recognizer",
    "Region": "img2latex.page.region",
    "read_page": "img2latex.page.reading",
}
__all__ = ["Img2Latex", "ModelConfig", "Page", "Recognition", "Recognizer", "Region", "read_page"]


def __getattr__(name: str):
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
