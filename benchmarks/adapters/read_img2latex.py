"""img2latex as the peers are run: PYTHON benchmarks/adapters/read_img2latex.py [CHECKPOINT]."""

import sys
from pathlib import Path

from serve import serve

sys.path.append(str(Path(__file__).resolve().parents[2]))
from img2latex import Recognizer

reader = Recognizer.from_pretrained(*sys.argv[1:])
serve(lambda path: reader.recognize(path).latex)
