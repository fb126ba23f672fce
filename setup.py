"""Puts into the wheel's package what lies next to it in a clone; all else about the package is in pyproject.toml."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

BESIDE = ("app.py", "train.py", "assets", "checkpoints", "examples")  # found again by img2latex/files/beside.py


class Build(build_py):
    def run(self) -> None:
        super().run()
        if self.editable_mode:  # the clone itself is used
            return
        package = Path(self.build_lib, "img2latex")
        for name in BESIDE:
            if Path(name).is_dir():
                shutil.copytree(name, package / name, dirs_exist_ok=True)
            else:
                shutil.copy(name, package / name)


setup(cmdclass={"build_py": Build})
