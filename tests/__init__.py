"""Tests, one module for each module of the project."""

import os

# One thread, for the processes that tests start too: on a busy machine two threads of torch can be 20 times slower.
os.environ["OMP_NUM_THREADS"] = "1"
