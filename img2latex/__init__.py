"""Pictures of formulas to LaTeX: `Recognizer.from_pretrained("math").recognize(picture).latex`."""

from importlib import import_module

__version__ = "0.1.0"

# Loaded when first asked for: torch takes seconds to import, and `python -m img2latex --help` needs none of it.
_HOMES = {
    "Img2Latex": "img2latex.reader.model",
    "ModelConfig": "img2latex.config",
    "Recognition": "img2latex.reader.recognizer",
    "Recognizer": "img2latex.reader.recognizer",
}
__all__ = ["Img2Latex", "ModelConfig", "Recognition", "Recognizer"]


def __getattr__(name: str):
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
