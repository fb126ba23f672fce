"""img2latex of any commit: PYTHON benchmarks/adapters/read_tree.py TREE CHECKPOINT; paths parted by tabs are a pool."""

import os
import sys
import time

from serve import serve

tree, checkpoint = sys.argv[1:]
sys.path.insert(0, tree)
from img2latex import Recognizer  # noqa: E402 - of that tree

reader = Recognizer.from_pretrained(checkpoint)
if "torch" in sys.modules:  # an engine that knows no number of its own
    sys.modules["torch"].set_num_threads(int(os.environ["OMP_NUM_THREADS"]))


def read(line: str) -> str:
    """The processor's seconds and the LaTeX of each picture, parted by tabs."""
    paths = line.split("\t")
    started = time.process_time()
    one_size = {"careful": False}  # the same work for all: some programs read again what they doubt
    results = reader.recognize_many(paths, **one_size) if len(paths) > 1 else [reader.recognize(line, **one_size)]
    return "\t".join([str(time.process_time() - started), *(" ".join(result.tokens) for result in results)])


serve(read)
