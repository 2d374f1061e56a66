"""A cluster on loopback for the tests: a master, workers and a Spark Connect server, each a process."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

HOST = "127.0.0.1"
PATIENCE = 120
# Small machines: little memory, the first compiler only, and tests that are not waiting for lost executors.
JVM = "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m"


@dataclass
class Cluster:
    """The processes and addresses of a cluster."""

    folder: Path
    master: str
    page: str
    remote: str
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    others: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def seen(self) -> list[dict[str, Any]]:
        """The workers as the master sees them."""
        with urllib.request.urlopen(f"{self.page}/json/", timeout=10) as answer:
            told: list[dict[str, Any]] = json.load(answer)["workers"]
        return told

    def alive(self) -> int:
        """How many workers the master counts as alive."""
        return sum(worker["state"] == "ALIVE" for worker in self.seen())

    def tasks_of(self, worker: int) -> int:
        """How many tasks the executors of a worker finished, by their logs."""
        logs = (self.folder / f"worker{worker}").glob("app-*/*/stderr")
        return sum(log.read_text("utf-8", errors="replace").count("Finished task") for log in logs)

    def kill(self, worker: int) -> None:
        """Kill a worker and its executors with SIGKILL."""
        os.killpg(self.workers[worker].pid, signal.SIGKILL)
        self.workers[worker].wait()


@contextmanager
def cluster(folder: Path, workers: int = 2) -> Iterator[Cluster]:
    """A cluster that lives as long as the block. Raises TimeoutError with a log where it does not start."""
    port, page, connect = _free(), _free(), _free()
    made = Cluster(folder, f"spark://{HOST}:{port}", f"http://{HOST}:{page}", f"sc://{HOST}:{connect}")
    try:
        made.others.append(
            _start(
                folder,
                "master",
                "org.apache.spark.deploy.master.Master",
                "--port",
                port,
                "--webui-port",
                page,
            )
        )
        _until(made, "master", lambda: made.seen() == [])
        for number in range(workers):
            made.workers.append(
                _start(
                    folder, f"worker{number}", "org.apache.spark.deploy.worker.Worker",
                    "--cores", 1, "--memory", "1g", "--webui-port", 0,
                    "--work-dir", folder / f"worker{number}", made.master,
                )
            )  # fmt: skip
        _until(made, "worker0", lambda: made.alive() == workers)
        settings = {
            "spark.driver.host": HOST,
            "spark.driver.bindAddress": HOST,
            "spark.driver.extraJavaOptions": JVM,
            "spark.executor.memory": "600m",
            "spark.executor.cores": "1",
            "spark.executor.extraJavaOptions": JVM,
            "spark.ui.enabled": "false",
            "spark.sql.warehouse.dir": (folder / "warehouse").as_uri(),
            "spark.connect.grpc.binding.address": HOST,
            "spark.connect.grpc.binding.port": str(connect),
        }
        conf = [word for key, value in settings.items() for word in ("--conf", f"{key}={value}")]
        made.others.append(
            _start(
                folder, "connect", "org.apache.spark.deploy.SparkSubmit", "--master", made.master, *conf,
                "--class", "org.apache.spark.sql.connect.service.SparkConnectServer", "spark-internal",
            )
        )  # fmt: skip
        _until(made, "connect", lambda: _listens(connect))
        yield made
    finally:
        for process in [*made.others, *made.workers]:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _start(folder: Path, name: str, main: str, *words: object) -> subprocess.Popen[bytes]:
    """Start a class of Spark in a process group of its own, with its log in the folder."""
    spec = find_spec("pyspark")
    assert spec is not None and spec.origin is not None
    home = Path(spec.origin).parent
    environ = {
        **os.environ,
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": HOST,
        # A server is a daemon too, and the driver.
        "SPARK_DAEMON_MEMORY": "1g" if name == "connect" else "256m",
        "SPARK_DAEMON_JAVA_OPTS": JVM,
        "SPARK_LOCAL_DIRS": str(folder / "local"),
    }
    place = [] if main.endswith("SparkSubmit") else ["--host", HOST]
    with (folder / f"{name}.log").open("wb") as log:
        return subprocess.Popen(
            [home / "bin" / "spark-class", main, *place, *map(str, words)],
            env=environ, stdout=log, stderr=subprocess.STDOUT, cwd=folder, start_new_session=True,
        )  # fmt: skip


def _until(made: Cluster, name: str, is_so: Callable[[], bool]) -> None:
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        with suppress(OSError):
            if is_so():
                return
        if any(process.poll() is not None for process in [*made.others, *made.workers]):
            break
        time.sleep(0.2)
    raise TimeoutError(
        f"{name}: {(made.folder / f'{name}.log').read_text('utf-8', errors='replace')[-2000:]}"
    )


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def _free() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
