"""The two gates: `loaded` looks at the raw rows, `built` at the models' tables before they are published."""

from pipelines.checks.gate import run_checks, run_gate
from pipelines.checks.generic import table_grains
from pipelines.checks.model import Check, CheckResult, Gate, Outcome, Severity, blocking
from pipelines.checks.quiet import warm_up
from pipelines.checks.reference import checks_reference
from pipelines.checks.store import write_results

__all__ = [
    "Check",
    "CheckResult",
    "Gate",
    "Outcome",
    "Severity",
    "blocking",
    "checks_reference",
    "run_checks",
    "run_gate",
    "table_grains",
    "warm_up",
    "write_results",
]
