"""Catalogues of translations: what is wrong with one, and what bringing it up to date keeps."""

import pytest
from babel.messages.pofile import read_po
from nbformat.v4 import new_notebook

from analysis.errors import ChapterError, InputError
from analysis.report.files.notebooks import read_notebook
from analysis.report.pages.translation_catalogues import catalogues, check_translations
from analysis.report.pages.translation_catalogues import update_catalogues as update
from analysis.report.pages.translations import prose_messages, translate_notebook
from analysis.terms import LANGUAGES, label

TITLE, COUNTED, CAPTION = (
    "# Cases",
    "## How many?\n\nThere were {{ n }}, 95 % sure.",
    "Cases\nBy group.",
)
SAID = {
    TITLE: "# Tilfeller",
    COUNTED: "## Hvor mange?\n\nDet var {{ n }}, 95 % sikkert.",
    CAPTION: "Tilfeller\nEtter gruppe.",
}


@pytest.fixture
def chapter(tmp_path, small):
    """Write a notebook with this prose, and a catalogue with these translations."""
    path = tmp_path / "notebooks" / "03_incidence.ipynb"

    def write(*texts, said=None):
        small.write_notebook(
            path, [small.prose(text, *(["caption"] if text == CAPTION else [])) for text in texts]
        )
        if said is not None:
            small.write_catalogue(path, said)
        return path

    return write


def faults_of(path):
    with pytest.raises(InputError) as caught:
        check_translations(LANGUAGES, [path])
    return [str(fault) for fault in caught.value.faults]


def entries(path):
    with (path.parent / "locale" / "nb" / f"{path.stem}.po").open("rb") as lines:
        return {entry.id: entry for entry in read_po(lines) if entry.id}


def test_what_is_whole_passes_and_is_translated_cell_by_cell(chapter):
    path = chapter(TITLE, COUNTED, CAPTION, said=SAID)
    check_translations(LANGUAGES, [path])
    source = read_notebook(path)
    assert [cell.source for cell in translate_notebook(source, path, "nb").cells] == list(
        SAID.values()
    )
    assert translate_notebook(source, path, "en") is source
    assert [cell.source for cell in source.cells] == list(SAID)


def test_every_fault_is_told_at_once(chapter):
    said = {TITLE: "Tilfeller", COUNTED: "## Hvor mange?\n\nDet var {{ m }}.", "Gone.": "Borte."}
    told = faults_of(chapter(TITLE, COUNTED, CAPTION, said=said))
    assert told == [
        "nb/03_incidence.po: “# Cases”: must have the same headings",
        "nb/03_incidence.po: “## How many?”: {{ m }} must be in both",
        "nb/03_incidence.po: “## How many?”: {{ n }} must be in both",
        "nb/03_incidence.po: “Cases” must be translated",
        "nb/03_incidence.po: “Gone.” stands nowhere any more",
    ]


def test_without_a_catalogue_all_of_it_is_missing(chapter):
    path = chapter(TITLE, CAPTION)
    assert len(faults_of(path)) == 2
    with pytest.raises(ChapterError, match="no translation into nb of “# Cases”, “Cases”"):
        translate_notebook(read_notebook(path), path, "nb")


def test_an_update_keeps_what_holds_and_marks_what_has_changed(chapter, monkeypatch, tmp_path):
    monkeypatch.setattr("analysis.report.pages.translation_catalogues.LOCALE", tmp_path / "locale")
    chapter(TITLE, COUNTED, CAPTION, said={**SAID, "Gone.": "Borte."})
    path = chapter(
        TITLE, COUNTED.replace("There were", "There have been"), "New and unlike all else."
    )
    left = update("nb", [path])
    assert left[path.parent / "locale" / "nb" / "03_incidence.po"] == 2
    found = entries(path)
    # What the translation was made for stands beside it.
    assert (
        '"There were {{ n }}, 95 % sure."\nmsgid'
        in (path.parent / "locale" / "nb" / f"{path.stem}.po").read_text()
    )
    assert found[TITLE].string == "# Tilfeller" and not found[TITLE].fuzzy
    changed = found[COUNTED.replace("There were", "There have been")]
    assert changed.fuzzy and changed.string == SAID[COUNTED]
    assert found["New and unlike all else."].string == "" and len(found) == 3
    assert any(
        fault.endswith("mend the translation and take away the word fuzzy")
        for fault in faults_of(path)
    )


def test_an_update_of_what_is_whole_changes_no_byte(chapter, monkeypatch, tmp_path):
    monkeypatch.setattr("analysis.report.pages.translation_catalogues.LOCALE", tmp_path / "locale")
    path = chapter(TITLE, COUNTED, CAPTION, said=SAID)
    update("nb", [path])
    place = path.parent / "locale" / "nb" / "03_incidence.po"
    before = place.read_bytes()
    assert b"#. caption" in before and b"python-format" not in before and b"95 %" in before
    assert update("nb", [path])[place] == 0
    assert place.read_bytes() == before


def test_a_new_language_begins_with_empty_catalogues(chapter, monkeypatch, tmp_path):
    monkeypatch.setattr("analysis.report.pages.translation_catalogues.LOCALE", tmp_path / "locale")
    path = chapter(TITLE, CAPTION)
    left = update("sv", [path])
    assert {place.name for place in left} == {
        "terms.po",
        "words.po",
        "glossary.po",
        "03_incidence.po",
    }
    assert all(place.parent.name == "sv" and place.is_file() for place in left)
    assert left == {place: len(messages) for place, messages in catalogues("sv", [path]).items()}


def test_the_title_of_a_series_is_translated(tmp_path, small):
    path = tmp_path / "09_group.ipynb"
    small.write_notebook(path, [small.prose(TITLE)], title="Groups")
    small.write_catalogue(path, {TITLE: "# Tilfeller", "Groups": "Grupper"})
    translated = translate_notebook(read_notebook(path), path, "nb")
    assert translated.metadata["workbench"]["title"] == "Grupper"
    assert prose_messages(new_notebook(cells=[small.prose("")])) == {}


def test_a_language_of_nobody_is_refused():
    with pytest.raises(InputError, match="must be one of en, nb"):
        label("cases", "fi")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ('msgid "# Cases"\nmsgstr "# Så"\n'.encode("latin-1"), "must be text in UTF-8"),
        (b'msgid "# Cases"\n<<<<<<< ours\nmsgstr "# Tilfeller"\n', "line 2 is not of a catalogue"),
    ],
)
def test_what_is_no_catalogue_is_one_fault(chapter, content, why):
    path = chapter(TITLE, said={TITLE: "# Tilfeller"})
    place = path.parent / "locale" / "nb" / "03_incidence.po"
    place.write_bytes(content)
    for meet in (lambda: check_translations(["nb"], [path]), lambda: update("nb", [path])):
        with pytest.raises(InputError, match=f"translation nb/03_incidence.po: 1 fault\n  - {why}"):
            meet()
    assert place.read_bytes() == content


@pytest.mark.parametrize("language", ["en", "xx", "../evil", "sv_SE.UTF-8", ""])
def test_only_a_language_gets_catalogues(chapter, language):
    path = chapter(TITLE, said={TITLE: "# Tilfeller"})
    with pytest.raises(InputError, match="must be the code of a language"):
        update(language, [path])
    assert [place.name for place in (path.parent / "locale").iterdir()] == ["nb"]
