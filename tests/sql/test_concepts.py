"""Every concept of the catalogue has a home in the models, and every home exists."""

from __future__ import annotations

import pytest

from pipelines.concepts import Place, concepts, places
from pipelines.models import read_models
from pipelines.resources import shipped_path

MODELS = read_models(shipped_path("sql"))
PLACES = places(MODELS)


def test_the_catalogue_is_whole() -> None:
    assert list(concepts()) == [f"M{number:02d}" for number in range(1, 104)]


@pytest.mark.parametrize("concept_id", concepts())
def test_concept_has_a_home(concept_id: str) -> None:
    assert [place for place in PLACES if place.concept_id == concept_id]


@pytest.mark.parametrize("place", PLACES, ids=lambda place: f"{place.concept_id}-{place.model}")
def test_home_exists(place: Place) -> None:
    assert place.concept_id in concepts()
    assert place.names
    if not place.is_measure:
        columns = {name for name, _ in MODELS[place.model].columns}
        assert set(place.names) <= columns
