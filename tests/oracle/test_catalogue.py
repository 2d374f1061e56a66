"""The catalogue holds every measure that the headers of its parts declare, with a value or a reason."""

from __future__ import annotations

from pipelines.concepts import concepts, places
from pipelines.models import read_models
from pipelines.resources import shipped_path
from tests.oracle.conftest import Built

DECLARED = {
    (place.concept_id, measure)
    for place in places(read_models(shipped_path("sql")))
    if place.is_measure
    for measure in place.names
}


def _measures(built: Built) -> set[tuple[str, str]]:
    rows = built.connection.execute("select distinct concept_id, measure from scorecard.catalogue").fetchall()
    return {(concept_id, measure) for concept_id, measure in rows}


def test_every_declared_measure_has_a_row_and_every_row_is_declared(sample: Built) -> None:
    assert _measures(sample) == DECLARED


def test_what_is_empty_says_why(sample: Built) -> None:
    silent = sample.connection.execute(
        "select concept_id, measure, subject, period from scorecard.catalogue "
        "where (value is null) = (reason is null)"
    ).fetchall()
    assert silent == []


def test_not_measurable_is_said_only_where_the_catalogue_says_so(sample: Built) -> None:
    said = sample.connection.execute(
        "select distinct concept_id from scorecard.catalogue where reason = 'not_measurable'"
    ).fetchall()
    allowed = {key for key, concept in concepts().items() if concept.not_measurable}
    assert {row[0] for row in said} <= allowed
