"""What the command line says of Spark."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipelines.errors import SettingsError


@dataclass(frozen=True)
class SparkOptions:
    """Where the models run: a master (default: this machine) or a Spark Connect address; the lake's folder or
    URL (default: data/lake of the home); more settings of Spark, each `key=value`.
    """

    master: str | None = None
    remote: str | None = None
    lake: str | None = None
    conf: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        """Raises SettingsError where both addresses are given, or a setting is not key=value."""
        if self.master and self.remote:
            raise SettingsError("Give --spark-master or --spark-remote, not both.")
        if wrong := [one for one in self.conf if "=" not in one.strip("=")]:
            raise SettingsError(f"--spark-conf {wrong[0]}: write it as key=value.")

    @property
    def settings(self) -> dict[str, str]:
        """The settings given, by name."""
        return dict(one.split("=", 1) for one in self.conf)
