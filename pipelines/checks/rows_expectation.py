"""The verdict half of Great Expectations' UnexpectedRowsExpectation: one query instead of two.

The library runs a query of broken rows twice, once for the rows and once to count them. Most checks pass, and
then the count is zero anyway; those that fail are evaluated again with the library's own class. Imported
lazily, since it imports Great Expectations (`quiet.py`).
"""

from __future__ import annotations

from typing import Any, ClassVar

from great_expectations.compatibility.pydantic import PrivateAttr
from great_expectations.expectations.core.unexpected_rows_expectation import UnexpectedRowsExpectation


class NoRowsExpectation(UnexpectedRowsExpectation):
    """Passes when the query returns no row; reads the rows only, and counts none."""

    metric_dependencies: ClassVar[tuple[str, ...]] = ("unexpected_rows_query.table",)
    _configuration: Any = PrivateAttr(None)

    @property
    def configuration(self) -> Any:
        """What the expectation was made with. The library asks thirty times, and copies it."""
        if self._configuration is None:
            self._configuration = super().configuration
        return self._configuration

    def _validate(
        self, metrics: dict[str, Any], runtime_configuration: Any = None, execution_engine: Any = None
    ) -> dict[str, Any]:
        return {"success": not metrics["unexpected_rows_query.table"]}
