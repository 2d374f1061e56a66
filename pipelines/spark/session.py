"""Opening a Spark session with the settings that the models rely on."""

from __future__ import annotations

import logging
import os
import shutil
import sys
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pipelines.errors import GroupfunnelError
from pipelines.spark.options import SparkOptions

LOCAL = "local[*]"
# What every model counts on, on whatever cluster: the session says it, the cluster need not.
MEANING = {
    # Instants are naive UTC in every table.
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    # A value that does not fit is an error and not NULL, as in DuckDB.
    "spark.sql.ansi.enabled": "true",
    # Sums and differences of decimals keep all their places, as in DuckDB, and do not lose one at a time.
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",
    # Invitations go on for 200 generations and more.
    "spark.sql.cteRecursionLevelLimit": "2000",
    "spark.sql.cteRecursionRowLimit": "-1",
    # Weeks that are written again replace themselves alone.
    "spark.sql.sources.partitionOverwriteMode": "dynamic",
    # Small tables in few pieces, large ones in many.
    "spark.sql.adaptive.enabled": "true",
    "spark.sql.adaptive.coalescePartitions.parallelismFirst": "false",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
}
# A driver of our own says little and listens to nobody.
QUIET = {"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false", "spark.log.level": "ERROR"}
# A session on this machine alone: no address but loopback.
ON_THIS_MACHINE = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
# Where a table is a few thousand rows, planning and compiling it costs more than computing it.
FOR_SMALL_DATA = {
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}
# With its first compiler alone Java sets 48 MiB aside for code; planning 270 models fills them, and what
# comes after is interpreted.
SMALL_JVM = {
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m",
}


@contextmanager
def spark_session(options: SparkOptions, scratch: Path, *, is_small: bool = False) -> Iterator[Any]:
    """A session that lives as long as the block; what it spills goes to `scratch`, which is removed.
    `is_small`: the data are, so that nothing is worth compiling.

    Raises GroupfunnelError where PySpark or Java is missing or the cluster cannot be reached.
    """
    _refuse_without_pyspark(options)
    scratch.mkdir(parents=True, exist_ok=True)
    try:
        session = _open(options, scratch, is_small)
        try:
            yield session
        finally:
            with suppress(Exception):  # a session whose cluster has gone cannot say goodbye
                session.stop()
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _open(options: SparkOptions, scratch: Path, is_small: bool) -> Any:
    from pyspark.logger import PySparkLogger
    from pyspark.sql import SparkSession

    # PySpark tells of itself, and of a pandas that is not used here; and it writes every error of a query
    # out, with what it quotes. Those that matter are told by whoever asked, without the values.
    warnings.filterwarnings("ignore", category=FutureWarning, module="pyspark")
    for logger in ("SQLQueryContextLogger", "DataFrameQueryContextLogger"):
        PySparkLogger.getLogger(logger).setLevel(logging.CRITICAL + 1)
    where = options.remote or options.master or LOCAL
    builder = SparkSession.builder.appName("groupfunnel")
    told = MEANING | (FOR_SMALL_DATA if is_small else {})
    tuned = dict(told) | {k: v for k, v in options.settings.items() if k.startswith("spark.sql.")}
    if options.remote:
        builder = builder.remote(options.remote)
    else:
        builder = builder.master(where)
        told["spark.sql.warehouse.dir"] = (scratch / "warehouse").as_uri()
        told |= QUIET
        if where.startswith("local"):
            told |= ON_THIS_MACHINE | {"spark.local.dir": str(scratch)} | (SMALL_JVM if is_small else {})
    for key, value in (told | options.settings).items():
        builder = builder.config(key, value)
    log = scratch / "spark.log"
    try:
        with _errors_to(log):
            session = builder.getOrCreate()
        # On a session that ran before, and through Spark Connect, only this sets them.
        _set(session, tuned)
        session.sql("select 1").collect()
    except Exception as error:
        raise GroupfunnelError(
            f"Spark at {where} cannot be used: {_first_line(error)}{_last_lines(log)}\nLook whether the "
            "cluster runs and can be reached from here (docs/spark.md); what was published is untouched."
        ) from error
    return session


@contextmanager
def _errors_to(log: Path) -> Iterator[None]:
    """Have what a process writes to its standard error that is started meanwhile, Spark's Java, go to a file.

    Java tells of its modules, of this machine's name and of a library that nobody needs, ten lines each run.
    """
    sys.stderr.flush()
    ours = os.dup(2)
    try:
        with log.open("ab") as file:
            os.dup2(file.fileno(), 2)
        yield
    finally:
        sys.stderr.flush()
        os.dup2(ours, 2)
        os.close(ours)


def _last_lines(log: Path) -> str:
    """The end of what Java wrote, where it wrote anything."""
    lines = log.read_text("utf-8", "replace").splitlines() if log.exists() else []
    return "".join(f"\n    {line[:300]}" for line in lines[-5:])


def _set(session: Any, told: Mapping[str, str]) -> None:
    for key, value in told.items():
        with suppress(Exception):  # static on this cluster: the build says where it matters
            session.conf.set(key, value)


def _refuse_without_pyspark(options: SparkOptions) -> None:
    if find_spec("pyspark") is None:
        raise GroupfunnelError(
            "--engine spark needs PySpark: pip install 'groupfunnel[spark]' (docs/spark.md)."
        )
    if not options.remote and not has_java():
        raise GroupfunnelError(
            "--engine spark needs Java 17 or later: install it, or say where it is in JAVA_HOME "
            "(docs/spark.md)."
        )


def has_java() -> bool:
    """Whether a Java is found, in JAVA_HOME or on the PATH."""
    home = os.environ.get("JAVA_HOME")
    names: Iterable[str] = ("java", "java.exe")
    return any((Path(home) / "bin" / name).exists() for name in names) if home else bool(shutil.which("java"))


def _first_line(error: Exception) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)[
        :300
    ]
