# `make app` starts the app, `make test` runs every test. Each first makes .venv with all it needs.

PYTHON ?= python3
PYTEST_FLAGS ?=
# Three processes, which wait more than they compute; a file's tests stay together, for they share what is costly to make.
PARALLEL := -n 3 --dist loadfile --no-loadscope-reorder
VENV := .venv
BIN := $(VENV)/bin

# Programs that the tests call, and the Debian packages that bring them and their fonts.
SYSTEM_PACKAGES := texlive-latex-base texlive-latex-recommended texlive-latex-extra texlive-luatex texlive-plain-generic \
	texlive-fonts-recommended texlive-fonts-extra texlive-science lmodern cm-super preview-latex-style dvipng chromium \
	pandoc

# Tests that need no browser and no training, with the libraries whose versions requirements.txt leaves open.
QUICK_TESTS := tests/picture tests/reader/test_checkpoints.py tests/scoring/test_metrics.py tests/export/test_drawing.py \
	tests/export/test_symbolic.py tests/data/test_shards.py tests/hub/test_publish.py tests/web/test_uploads.py \
	tests/web/test_serving.py tests/web/test_views.py tests/web/test_endpoint.py
LOWEST := .lowest
TRIED := .wheel

.PHONY: help app wheel try-wheel test lowest lint format lock system-packages system-tools clean
.DEFAULT_GOAL := help

help:
	@echo "make app     start the app on this machine"
	@echo "make wheel   build dist/img2latex-*.whl: all that it takes to read, app and weights inside"
	@echo "make try-wheel  install it where nothing else is, and read with it"
	@echo "make test    run every test"
	@echo "make lowest  run quick tests with the lowest versions that requirements.txt allows"
	@echo "make lint    check the style, change nothing"
	@echo "make format  sort the imports, tidy what can be tidied"
	@echo "make lock    renew requirements-lock.txt"
	@echo "make clean   remove .venv and the caches"

app: $(VENV)/app.stamp
	$(BIN)/python app.py

# From an empty build folder, for what lies there from before would get into the wheel.
wheel: | $(BIN)/python
	rm -rf build dist
	$(BIN)/python -m pip wheel --disable-pip-version-check -q --no-deps -w dist .
	rm -rf build img2latex.egg-info
	@ls -sh dist/*.whl

# In an environment without torch, away from the clone: as a stranger has it.
try-wheel: wheel $(VENV)/dev.stamp
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(TRIED)
	$(BIN)/uv pip install --quiet --python $(TRIED)/bin/python dist/*.whl
	$(BIN)/python -m pytest $(PYTEST_FLAGS) tests/installed.py

test: system-tools $(VENV)/dev.stamp
	$(BIN)/python -m pytest $(PARALLEL) $(PYTEST_FLAGS)

# torch, whose builds take gigabytes, and packages that only the tests need come from .venv, after the lowest versions.
lowest: $(VENV)/dev.stamp
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(LOWEST)
	printf 'torch\ntorchvision\n' | $(BIN)/uv pip install --quiet --python $(LOWEST)/bin/python \
		--resolution lowest-direct --excludes /dev/stdin -r requirements.txt
	$(BIN)/python -c 'import site; print(site.getsitepackages()[0])' \
		> "$$($(LOWEST)/bin/python -c 'import site; print(site.getsitepackages()[0])')/shared.pth"
	$(LOWEST)/bin/python -m pytest $(PARALLEL) $(PYTEST_FLAGS) $(QUICK_TESTS)

lint: $(VENV)/dev.stamp
	$(BIN)/ruff check .

format: $(VENV)/dev.stamp
	$(BIN)/ruff check --fix .

# One version of each package that reading needs, for every system and Python; the Dockerfile installs these. No hashes:
# they would be 97 of 100 lines, and an index never replaces the files of a version. No uv.lock: it names the index.
lock: $(VENV)/dev.stamp
	$(BIN)/uv pip compile --quiet --universal --python-version 3.10 --no-annotate --custom-compile-command "make lock" \
		--output-file requirements-lock.txt pyproject.toml

clean:
	rm -rf $(VENV) $(LOWEST) $(TRIED) build dist img2latex.egg-info .pytest_cache .ruff_cache .hypothesis

system-packages:
	@echo $(SYSTEM_PACKAGES)

# One sentence that names all that is missing, before minutes go into a virtual environment.
system-tools:
	@missing=; \
	command -v latex >/dev/null || missing="$$missing latex"; \
	command -v dvipng >/dev/null || missing="$$missing dvipng"; \
	command -v pandoc >/dev/null || missing="$$missing pandoc"; \
	{ command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null \
		|| missing="$$missing chromium"; \
	if command -v kpsewhich >/dev/null; then \
		for style in preview.sty newtxmath.sty lmodern.sty siunitx.sty luacolor.sty; do \
			kpsewhich $$style >/dev/null || missing="$$missing $$style"; \
		done; \
	fi; \
	if [ -n "$$missing" ]; then \
		echo "The tests need what this machine lacks:$$missing; on Debian: apt-get install $(SYSTEM_PACKAGES)" >&2; \
		exit 1; \
	fi

# The stamps hold when an installation has succeeded, so a second run starts at once.
$(VENV)/app.stamp: requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install --disable-pip-version-check -q -r requirements.txt
	@touch $@

$(VENV)/dev.stamp: requirements.txt requirements-dev.txt | $(BIN)/python
	$(BIN)/python -m pip install --disable-pip-version-check -q -r requirements-dev.txt
	@touch $@ $(VENV)/app.stamp

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' \
		|| { echo "img2latex needs Python 3.10 or newer: name one with make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo "Python's venv module is missing; on Debian: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
