"""A build is whole or it is not there: good chapters among bad ones, parts, earlier runs."""

import json
import re
from html.parser import HTMLParser
from types import SimpleNamespace

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from analysis.errors import AnalysisError, InputError
from analysis.report.build.plan import Choice
from analysis.report.edition.read import read_edition
from analysis.report.files.notebooks import read_notebook


@pytest.fixture
def build(write_edition, intake, tmp_path, build_in):
    """Build the small edition; notebooks and changes as in ``write_edition``."""

    def run(choice=None, notebooks=None, intake=intake, **changes):
        edition = read_edition(write_edition(notebooks, **changes))
        return build_in(edition, intake, tmp_path / "outputs" / "small", choice)

    return run


class _Elements(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def elements(path):
    return _Elements(path.read_text(encoding="utf-8")).found


def snapshot(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_report_of_an_edition(build, small, tmp_path, intake):
    figure = [
        small.prose("## Drawn", "en"),
        small.prose("## Tegnet", "nb"),
        small.exhibit("figure"),
    ]
    captions = [
        small.prose("Drawn\nA $x_1$ <5", "en", "caption"),
        small.prose("Tegnet", "nb", "caption"),
    ]
    group = 'language = "en"\ngroup = "I"'
    finished = build(
        notebooks={
            "03_incidence": small.chapter_cells() + figure + captions,
            "09_group": small.chapter_cells("Group", group),
        },
        chapters=["03_incidence", {"notebook": "09_group", "for_each": {"group": ["I", "II"]}}],
        title={"en": "Cancer <b>&</b> children", "nb": "Kreft"},
    )
    assert finished.succeeded
    files = snapshot(finished.public)
    names = {
        "index.html",
        "style.css",
        "en/09_group-II.html",
        "nb/data/03_incidence-figure-3-1.csv",
    }
    assert names <= set(files)
    assert files["en/data/03_incidence-table-3-1.csv"] == b"group,cases\nI,12\n"
    pages = sorted(finished.public.rglob("*.html"))
    assert len(pages) == 17
    for page in pages:
        _check_page(page, finished.public, page.parent.name, tmp_path)
    _check_navigation(finished.public)
    contents = (finished.public / "nb" / "index.html").read_text()
    assert contents.count("Group på norsk</a>") == 2
    assert "Hvor mange barn?" in contents


def _check_page(page, public, language, tmp_path):
    text, found = page.read_text(encoding="utf-8"), elements(page)
    tags = [tag for tag, _ in found]
    expected = language if language in ("en", "nb") else "nb" if page.stem.endswith("-nb") else "en"
    assert dict(found)["html"]["lang"] == expected
    assert (tags.count("h1"), tags.count("main"), tags.count("script")) == (
        1,
        1,
        0 if page.name.startswith("small-") else 1,
    )
    assert ("a", {"class": "skip", "href": "#text"}) in found
    ids = [attrs["id"] for _, attrs in found if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert "oppdiktet" in text if expected == "nb" else "are invented" in text
    assert any(attrs.get("role") == "note" for _, attrs in found)
    assert str(tmp_path) not in text
    assert "Cancer <b>" not in text
    assert not re.search(r"https?:", text)
    links = [attrs[name] for _, attrs in found for name in ("href", "src") if name in attrs]
    for link in links:
        path, _, anchor = link.partition("#")
        if path and not path.startswith("data:"):
            assert (page.parent / path).is_file(), link
        if anchor and not path:
            assert anchor in ids
    labelled = [name for _, attrs in found for name in attrs.get("aria-labelledby", "").split()]
    assert set(labelled) <= set(ids)


def _check_navigation(public):
    page = (public / "en" / "09_group-I.html").read_text()
    assert 'rel="prev" href="03_incidence.html"' in page
    assert 'rel="next" href="09_group-II.html"' in page
    assert 'href="../nb/09_group-I.html"' in page
    assert "2023 is provisional" in page


def test_a_failing_chapter_leaves_the_public_report_untouched_and_the_others_finish(
    build, small, tmp_path
):
    good = {
        "01_a": small.chapter_cells(),
        "02_b": small.chapter_cells(),
        "03_c": small.chapter_cells(),
    }
    before = snapshot(build(notebooks=good, chapters=list(good)).public)
    bad = good | {"02_b": [*small.chapter_cells(), new_code_cell("1 / 0")]}
    finished = build(notebooks=bad, chapters=list(good))
    assert not finished.succeeded
    assert [
        (result.name, result.status) for result in finished.results if result.language == "en"
    ] == [
        ("01_a", "cached"),
        ("02_b", "failed"),
        ("03_c", "cached"),
    ]
    assert snapshot(finished.public) == before
    assert [
        path.name for path in finished.public.parent.iterdir() if path.name.startswith(".")
    ] == []


def test_a_chapter_that_cannot_be_bound_fails_and_nothing_is_published(build, small):
    cells = [
        *small.chapter_cells(),
        small.prose("{{ nowhere }}", "en"),
        small.prose("{{ nowhere }}", "nb"),
    ]
    finished = build(notebooks={"03_incidence": cells})
    assert [(result.language, result.status) for result in finished.results] == [
        ("en", "failed"),
        ("nb", "failed"),
    ]
    assert "nowhere" in finished.results[0].fault.message
    assert not finished.public.exists()


def test_a_part_is_bound_with_the_earlier_runs_that_still_hold(build, small, tmp_path):
    notebooks = {"01_a": small.chapter_cells(), "02_b": small.chapter_cells()}
    chapters = list(notebooks)
    build(notebooks=notebooks, chapters=chapters)
    finished = build(Choice(("1",), ("en",)), notebooks, chapters=chapters)
    assert [(result.name, result.language) for result in finished.results] == [("01_a", "en")]
    assert finished.left_out == ()
    assert (finished.public / "nb" / "02_b.html").is_file()

    notebooks["02_b"] = small.chapter_cells(parameters=f"{small.parameters}  # changed")
    finished = build(Choice(("01_a",)), notebooks, chapters=chapters)
    assert finished.left_out == ("02_b (en)", "02_b (nb)")
    assert not (finished.public / "en" / "02_b.html").exists()
    assert (finished.public / "en" / "01_a.html").is_file()


def test_an_earlier_run_on_other_data_is_left_out(build, small, tmp_path):
    reads = f'{small.parameters}\ncases_source = ""'
    notebooks = {name: small.chapter_cells(parameters=reads) for name in ("01_a", "02_b")}
    source = tmp_path / "cases.parquet"
    source.write_bytes(b"one")
    intake = SimpleNamespace(
        parameters={"cases_source": str(source)},
        available=frozenset(),
        invented=frozenset(),
        inputs=(),
    )
    build(notebooks=notebooks, chapters=list(notebooks), intake=intake, languages=["en"])
    source.write_bytes(b"two")
    finished = build(
        Choice(("01",)), notebooks, intake=intake, chapters=list(notebooks), languages=["en"]
    )
    assert finished.left_out == ("02_b (en)",)
    assert "invented" not in (finished.public / "en" / "index.html").read_text()


@pytest.mark.parametrize(
    ("choice", "fault"),
    [
        (Choice(("99",)), "chapter 99: must be one of 03_incidence"),
        (Choice((), ("fi",)), "language fi: must be one of en, nb"),
    ],
)
def test_a_choice_of_what_is_not_there_is_refused(build, choice, fault):
    with pytest.raises(InputError, match=fault):
        build(choice)


def test_a_chapter_whose_data_are_absent_is_told_on_the_contents_page(
    build, small, tmp_path, write_edition, intake, build_in
):
    edition = read_edition(
        write_edition(
            {n: small.chapter_cells() for n in ("01_a", "02_b")}, chapters=["01_a", "02_b"]
        )
    )
    small.write_notebook(
        tmp_path / "notebooks" / "02_b.ipynb", small.chapter_cells("Survival"), needs=["children"]
    )
    with pytest.raises(InputError, match="chapter 2: the sources of this edition do not carry it"):
        build_in(edition, intake, tmp_path / "out", Choice(("2",)))
    finished = build_in(edition, intake, tmp_path / "out")
    contents = (finished.public / "en" / "index.html").read_text()
    assert "Survival</span><p>Not shown: it needs one record for each child.</p>" in contents
    assert [chapter.name for chapter in finished.absent] == ["02_b"]


def test_two_builds_give_the_same_pages_and_the_record_tells_of_them(build, tmp_path):
    first = snapshot(build().public)
    finished = build(Choice(languages=("no", "en"), jobs=1, again=True))
    assert snapshot(finished.public) == first
    record = json.loads((tmp_path / "outputs" / "small" / "private" / "run.json").read_text())
    assert record["edition"]["age_limit"] == 18
    assert set(record["public"]) == set(first)
    assert record["dependencies"]["papermill"]
    assert [chapter["status"] for chapter in record["chapters"]] == ["done", "done"]


def test_changed_prose_is_bound_anew_and_nothing_is_run(build, small, tmp_path):
    ran = tmp_path / "ran"
    counted = new_code_cell(f"with open({str(ran)!r}, 'a') as file: _ = file.write('ran ')")
    build(notebooks={"03_incidence": [*small.chapter_cells(), counted]}, languages=["en"])
    changed = build(
        notebooks={"03_incidence": [*small.chapter_cells("Rates"), counted]}, languages=["en"]
    )
    assert changed.results[0].status == "bound"
    assert "Rates</h1>" in (changed.public / "en" / "03_incidence.html").read_text()
    assert (
        changed.public / "en" / "data" / "03_incidence-table-3-1.csv"
    ).read_bytes() == b"group,cases\nI,12\n"
    assert ran.read_text() == "ran "
    executed = read_notebook(changed.results[0].executed)
    assert executed.cells[0].source.startswith("# Rates")
    assert [cell.metadata.get("tags") for cell in executed.cells].count(
        ["injected-parameters"]
    ) == 1


def test_prose_that_cannot_be_bound_is_mended_without_running_again(build, small, tmp_path):
    cells = [*small.chapter_cells(), new_code_cell("import os\nos.getpid()")]
    failed = build(
        notebooks={"03_incidence": [*cells, small.prose("{{ nowhere }}")]}, languages=["en"]
    )
    assert [result.status for result in failed.results] == ["failed"]
    before = failed.results[0].executed.read_text()
    mended = build(notebooks={"03_incidence": [*cells, small.prose("Here.")]}, languages=["en"])
    assert mended.succeeded
    after = read_notebook(mended.results[0].executed)
    assert [cell.outputs for cell in after.cells if cell.cell_type == "code"] == [
        cell.outputs for cell in nbformat.reads(before, 4).cells if cell.cell_type == "code"
    ]


def test_a_parameter_runs_only_the_chapters_that_take_it(build, small):
    notebooks = {
        "01_a": small.chapter_cells(),
        "02_b": small.chapter_cells(parameters='language = "en"'),
    }
    build(notebooks=notebooks, chapters=list(notebooks), languages=["en"])
    finished = build(notebooks=notebooks, chapters=list(notebooks), languages=["en"], age_limit=15)
    assert [(result.name, result.status) for result in finished.results] == [
        ("01_a", "done"),
        ("02_b", "cached"),
    ]


def test_a_file_that_a_chapter_reads_runs_it_again_when_it_changes(build, small, tmp_path):
    extra = tmp_path / "registry" / "extra.csv"
    extra.parent.mkdir()
    extra.write_text("1")
    cells = [*small.chapter_cells(), new_code_cell(f"_ = open({str(extra)!r}).read()")]
    build(notebooks={"03_incidence": cells}, languages=["en"])
    assert [
        result.status
        for result in build(notebooks={"03_incidence": cells}, languages=["en"]).results
    ] == ["cached"]
    extra.write_text("2")
    assert [
        result.status
        for result in build(notebooks={"03_incidence": cells}, languages=["en"]).results
    ] == ["done"]


def test_what_was_tampered_with_is_made_anew(build):
    finished = build()
    whole = snapshot(finished.public)
    (finished.public / "en" / "index.html").write_text("other")
    finished.results[0].executed.write_text("{}")
    assert [result.status for result in build().results] == ["done", "cached"]
    assert snapshot(finished.public) == whole
    for path in (finished.public.parent / "private").glob("**/*.json"):
        path.write_text("[")
    assert build().succeeded
    assert snapshot(finished.public) == whole


def test_a_guard_that_refuses_leaves_the_report_as_it_was(
    build_in, write_edition, intake, tmp_path, small
):
    edition = read_edition(write_edition())
    finished = build_in(edition, intake, tmp_path / "out")
    before = snapshot(finished.public)
    told = small.chapter_cells("born 01017012345")
    small.write_notebook(tmp_path / "notebooks" / "03_incidence.ipynb", told)
    with pytest.raises(AnalysisError, match="personas kods"):
        guard = "analysis.register:require_no_identity_in_files"
        build_in(edition, intake, tmp_path / "out", None, None, guard)
    assert snapshot(finished.public) == before
