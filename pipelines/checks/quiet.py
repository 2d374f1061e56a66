"""Importing Great Expectations, late (3 to 6 seconds) and silent: no network, progress bars or log lines."""

from __future__ import annotations

import contextlib
import importlib
import logging
import os
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_LOGGERS = ("great_expectations", "py.warnings")


def great_expectations() -> Any:
    """The great_expectations module, imported on first use with its analytics switched off beforehand."""
    os.environ["GX_ANALYTICS_ENABLED"] = "False"
    # It imports PySpark where there is one, which warns of a pandas that is not used with it here.
    warnings.filterwarnings("ignore", category=FutureWarning, module="pyspark")
    import great_expectations as gx

    return gx


def warm_up() -> threading.Thread:
    """Import Great Expectations beside other work, such as loading; a gate waits for what is left.

    A run that ends before the import does stops it half way; the gate, if one comes, reports what failed.
    """
    thread = threading.Thread(target=_import_all, name="warm-up")
    thread.start()
    return thread


def _import_all() -> None:
    # Python refuses what an import may need once it shuts down: that is no error of the run.
    with contextlib.suppress(RuntimeError):
        great_expectations()
        importlib.import_module("great_expectations.expectations")
        importlib.import_module("pipelines.checks.datasource")
        importlib.import_module("pipelines.checks.rows_expectation")


def ephemeral_context() -> Any:
    """A Great Expectations context in memory: it writes no file, draws no progress bar, reports to nobody."""
    gx = great_expectations()
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    # By default even a context in memory makes a temporary directory for a documentation site.
    config = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
        analytics_enabled=False,
        progress_bars=ProgressBarsConfig(globally=False, metric_calculations=False),
    )
    return gx.get_context(mode="ephemeral", project_config=config)


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
