"""The catalogue of concepts and where each stands: from concepts.toml and the headers of the models."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from pipelines.models import Model, read_models
from pipelines.resources import PACKAGE, shipped_path

CATALOGUE_PART = "scorecard.catalogue_"


@dataclass(frozen=True)
class Concept:
    """One concept: its id (M01 to M103), names, definition, the optional columns it needs and what of it no
    export can show (both '' where nothing).
    """

    concept_id: str
    zh: str
    en: str
    is_core: bool
    definition: str
    needs: str = ""
    not_measurable: str = ""


@dataclass(frozen=True)
class Place:
    """Where a concept stands: columns of `table`, or measures of it when the table is the catalogue."""

    concept_id: str
    table: str
    model: str
    names: tuple[str, ...]

    @property
    def is_measure(self) -> bool:
        """Whether the names are values of scorecard.catalogue.measure, not columns."""
        return self.table == "scorecard.catalogue"


@cache
def concepts() -> Mapping[str, Concept]:
    """Every concept by its id, in order."""
    data = tomllib.loads((PACKAGE / "concepts.toml").read_text(encoding="utf-8"))
    return {key: Concept(concept_id=key, **entry) for key, entry in data.items()}


def places(models: Mapping[str, Model]) -> list[Place]:
    """Where the concepts stand, as the headers of the models say, by concept and model."""
    found = [
        Place(
            concept_id=concept_id,
            table="scorecard.catalogue" if name.startswith(CATALOGUE_PART) else name,
            model=name,
            names=names,
        )
        for name, model in models.items()
        for concept_id, names in model.concepts
    ]
    return sorted(found, key=lambda place: (int(place.concept_id[1:]), place.model))


HEAD = """# Where every concept stands

The words of community operation, what each is taken to mean here, and the table that holds it. Names in
brackets are columns; behind `scorecard.catalogue` they are values of its column `measure`:

```
groupfunnel sql "from scorecard.catalogue where concept_id = 'M22'"
```

★ marks the core concepts. What an export does not hold is empty with a `reason`, never zero. Definitions
that need more than a line are in [metrics.md](metrics.md), every column in [tables.md](tables.md).

"""


def concepts_reference(generated: str) -> str:
    """The markdown of docs/concepts.md; `generated` is the sentence that says it is generated."""

    models = read_models(shipped_path("sql"))
    where: dict[str, dict[str, tuple[list[str], list[str]]]] = {}
    for place in places(models):
        files, names = where.setdefault(place.concept_id, {}).setdefault(place.table, ([], []))
        files.append(models[place.model].file)
        names.extend(place.names)
    lines = [HEAD + generated + "\n", "| | concept | definition | where |", "| --- | --- | --- | --- |"]
    for key, concept in concepts().items():
        cells = []
        for table, (files, names) in where.get(key, {}).items():
            links = ", ".join(f"[{file.split('/')[-1]}](../{file})" for file in files)
            cells.append(f"`{table}` ({', '.join(f'`{name}`' for name in names)}): {links}")
        star = " ★" if concept.is_core else ""
        extra = f" Needs: {concept.needs}." if concept.needs else ""
        extra += f" Not measurable: {concept.not_measurable}." if concept.not_measurable else ""
        definition = f"{concept.definition}.{extra}".replace("|", "\\|")
        lines.append(f"| {key}{star} | {concept.en}<br>{concept.zh} | {definition} | {'<br>'.join(cells)} |")
    return "\n".join(lines) + "\n"
