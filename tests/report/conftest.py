"""Tiny editions: a folder with params/, notebooks/ and a notebook or two that need no data."""

from types import SimpleNamespace

import nbformat
import pytest
import yaml
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from analysis.report.build.building import build_report, limits_of
from analysis.report.build.plan import Choice
from analysis.report.edition.read import read_edition
from analysis.report.tasks.forked import can_fork, end_zygote, start_zygote
from analysis.report.tasks.session import open_session

PARAMETERS = 'language = "en"\nage_limit = 18'
EXHIBIT = """from analysis.display import Exhibit
Exhibit({kind!r}, {body!r}, "group,cases\\nI,12\\n", {alternative!r}).quoting(n_cases="12", few="<5")"""
TABLE = (
    "<table><thead><tr><th>Group</th><th>Cases</th></tr></thead>"
    "<tbody><tr><th>I</th><td>12</td></tr></tbody></table>"
)
DRAWING = '<svg viewBox="0 0 10 10"><defs><clipPath id="a"/></defs><g clip-path="url(#a)"><text>I</text></g></svg>'


def prose(source, *marks):
    """A cell of prose; one marked ``nb`` is the translation of the cell before it, see ``write_notebook``."""
    return new_markdown_cell(source, metadata={"tags": [mark for mark in marks if mark != "en"]})


def exhibit(kind="table", body=None, alternative="Twelve cases in group I."):
    body = body or (DRAWING if kind == "figure" else TABLE)
    return new_code_cell(EXHIBIT.format(kind=kind, body=body, alternative=alternative))


def chapter_cells(title="Incidence", parameters=PARAMETERS):
    return [
        prose(f"# {title}\n\nHow many children?", "en"),
        prose(f"# {title} på norsk\n\nHvor mange barn?", "nb"),
        new_code_cell(parameters, metadata={"tags": ["parameters"]}),
        prose("## How many?\n\nThere were {{ n_cases }} cases.", "en"),
        prose("## Hvor mange?\n\nDet var {{ n_cases }} tilfeller.", "nb"),
        exhibit(),
        prose("Cases by group\nAll {{ n_cases }} of them.", "en", "caption"),
        prose("Tilfeller etter gruppe\nAlle {{ n_cases }}.", "nb", "caption"),
    ]


def is_translation(cell):
    return "nb" in cell.metadata.get("tags", [])


def write_notebook(path, cells, **workbench):
    """A notebook in English, and beside it the catalogue of its translations into bokmål."""
    path.parent.mkdir(parents=True, exist_ok=True)
    english = [cell for cell in cells if not is_translation(cell)]
    nbformat.write(new_notebook(cells=english, metadata={"workbench": workbench}), path)
    waiting, said = [], {}
    for cell in cells:
        if is_translation(cell):
            said[waiting.pop(0)] = cell.source
        elif cell.cell_type == "markdown":
            waiting.append(cell.source)
    if said:
        write_catalogue(path, said)


def write_catalogue(path, said, language="nb"):
    """The catalogue of a notebook, from each English text to its translation."""
    catalogue = Catalog(locale=language)
    for text, translation in said.items():
        catalogue.add(text, translation)
    place = path.parent / "locale" / language / f"{path.stem}.po"
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("wb") as file:
        write_po(file, catalogue)


@pytest.fixture
def small():
    """Makers of small notebooks: ``prose``, ``exhibit``, ``chapter_cells``, ``write_notebook``."""
    return SimpleNamespace(
        prose=prose,
        exhibit=exhibit,
        chapter_cells=chapter_cells,
        write_notebook=write_notebook,
        write_catalogue=write_catalogue,
        parameters=PARAMETERS,
    )


@pytest.fixture(scope="session")
def warm_process(tmp_path_factory):
    """A warm process that the builds of many tests share; a build by itself starts its own."""
    folder = tmp_path_factory.mktemp("warm")
    if not can_fork():
        yield None
        return
    zygote = start_zygote(folder, folder / "build.log")
    yield zygote
    end_zygote(zygote)


@pytest.fixture
def build_in(warm_process):
    """Build an edition in a folder, in children of the shared warm process; more as in ``build_report``."""

    def build(edition, intake, folder, choice=None, *more):
        with open_session(
            folder.resolve(), limits_of(choice or Choice()), lambda: warm_process
        ) as session:
            return build_report(edition, intake, session, choice, *more)

    return build


@pytest.fixture
def intake():
    """What an edition's sources gave, without any source."""
    return SimpleNamespace(
        parameters={}, available=frozenset(), invented=frozenset({"cases"}), inputs=()
    )


@pytest.fixture
def edition_content():
    return {
        "title": {"en": "Childhood cancer", "nb": "Kreft hos barn"},
        "languages": ["en", "nb"],
        "country": "NO",
        "countries": ["NO", "SE"],
        "sources": {"cases": "demo", "population": "demo"},
        "age_limit": 18,
        "diagnosis_years": {"first": 1985, "last": 2023},
        "closing_date": "2023-12-31",
        "chapters": ["03_incidence"],
    }


@pytest.fixture
def write_edition(tmp_path, edition_content):
    """Write ``params/small.yml`` with changes, and notebooks for its chapters where none are there."""

    def write(notebooks=None, text=None, **changes):
        path = tmp_path / "params" / "small.yml"
        path.parent.mkdir(exist_ok=True)
        content = {**edition_content, **changes}
        content = {key: value for key, value in content.items() if value is not ...}
        path.write_text(text or yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
        for name, cells in (notebooks or {"03_incidence": chapter_cells()}).items():
            write_notebook(tmp_path / "notebooks" / f"{name}.ipynb", cells)
        return path

    return write


@pytest.fixture
def build_small(intake, tmp_path):
    """Build an edition file without any source."""

    def run(path, choice=None):
        return build_report(read_edition(path), intake, tmp_path / "outputs" / "small", choice)

    return run
