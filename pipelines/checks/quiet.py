"""Importing Great Expectations, late and silent: 3 to 6 seconds, no network, no progress bars, no log lines."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_LOGGERS = ("great_expectations", "py.warnings")


def great_expectations() -> Any:
    """The great_expectations module, imported on first use with its analytics switched off beforehand."""
    os.environ["GX_ANALYTICS_ENABLED"] = "False"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import great_expectations as gx

    return gx


def ephemeral_context() -> Any:
    """A Great Expectations context in memory: it writes no file, draws no progress bar and reports to nobody."""
    context = great_expectations().get_context(mode="ephemeral")
    context.variables.analytics_enabled = False
    context.variables.progress_bars = {"globally": False, "metric_calculations": False}
    return context


@contextmanager
def silence() -> Iterator[None]:
    """Keep the library's log lines and deprecation notes off the console; what matters is in the results."""
    levels = {name: logging.getLogger(name).level for name in _LOGGERS}
    for name in _LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
