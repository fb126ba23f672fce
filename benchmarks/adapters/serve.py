"""What every adapter ends in: a path a line in, a line of JSON out, until the input ends. Needs Python alone."""

import json
import os
import sys
import time

answers = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)  # whatever a program prints while it loads or reads goes to standard error


def serve(read) -> None:
    """Answers each path with the LaTeX that `read` finds there and its seconds, or with the error that it raised."""
    print(json.dumps({"ready": True}), file=answers)
    for line in sys.stdin:
        started = time.perf_counter()
        try:
            answer = {"latex": read(line.rstrip("\n"))}
        except Exception as error:  # one picture that a program cannot read must not end the comparison
            answer = {"latex": "", "error": f"{type(error).__name__}: {error}"}
        answer["seconds"] = time.perf_counter() - started
        print(json.dumps(answer), file=answers)
