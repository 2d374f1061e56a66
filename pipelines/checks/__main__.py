"""Prints docs/checks.md: `python -m pipelines.checks > docs/checks.md`."""

from pipelines.checks.reference import checks_reference

print(checks_reference(), end="")
