"""A pytest plugin for CI: a skipped test fails the run, since a test that never runs protects nothing.

Use: `python -m pytest -p tests.no_skips`.
"""

import pytest


def _skipped(config):
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    return reporter.stats.get("skipped", []) if reporter else []


def pytest_sessionfinish(session, exitstatus):
    if exitstatus == pytest.ExitCode.OK and _skipped(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter):
    count = len(_skipped(terminalreporter.config))
    if count:
        terminalreporter.write_line(f"{count} test(s) were skipped: in CI that is a failure", red=True)
