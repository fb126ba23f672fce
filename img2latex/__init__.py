"""Pictures of formulas to LaTeX: `Recognizer.from_pretrained("math").recognize(picture).latex`."""

from img2latex.config import ModelConfig
from img2latex.model import Img2Latex
from img2latex.recognizer import Recognition, Recognizer

__version__ = "0.1.0"
__all__ = ["Img2Latex", "ModelConfig", "Recognition", "Recognizer"]
