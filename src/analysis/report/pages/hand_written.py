"""Hand-written chapters: Markdown that stands in the contents beside what is computed, and may quote it."""

import re
from collections.abc import Iterable, Mapping, Sequence

from analysis.errors import ChapterError, InputError
from analysis.report.edition.contents import WrittenChapter, name_of
from analysis.report.edition.model import Edition
from analysis.report.files.page_text import number_names
from analysis.report.pages.bind import Page, bind_text

# What stands for a number of a chapter that this build has not run.
NOT_YET = "…"
_WHAT = "hand-written chapters"


def all_pages(
    edition: Edition, computed: Sequence[Page], absent: Iterable[str] = ()
) -> tuple[Page, ...]:
    """The pages of a report in reading order, hand-written chapters among the computed ones.

    Parameters
    ----------
    edition
        Whose contents these are.
    computed
        The bound pages of its notebooks.
    absent
        Notebooks that the sources of the edition do not carry.

    Raises
    ------
    InputError
        With the faults of all texts at once: not text, a number that no chapter quotes, an unknown work,
        not exactly one title.
    """
    sources = _sources(edition)
    numbers = quotable_numbers(sources, computed, _not_run(edition, computed, absent))
    written, faults = [], []
    for (name, language), source in sources.items():
        try:
            written.append(bind_text(source, name, language, numbers[language]))
        except ChapterError as error:
            faults.append(f"{name}.{language}.md: {error}")
    if faults:
        raise InputError(_WHAT, faults)
    place = {name_of(line): position for position, line in enumerate(edition.contents)}
    return tuple(
        sorted([*computed, *written], key=lambda page: place[_name_in_contents(page, place)])
    )


def _sources(edition: Edition) -> dict[tuple[str, str], str]:
    """The text of every hand-written chapter, by name and language."""
    sources, faults = {}, []
    texts = [line for line in edition.contents if isinstance(line, WrittenChapter)]
    for chapter in texts:
        for language in edition.languages:
            try:
                sources[chapter.text, language] = chapter.path(edition.texts, language).read_text(
                    encoding="utf-8"
                )
            except (OSError, UnicodeDecodeError):
                faults.append(f"{chapter.file_name(language)}: must be text in UTF-8")
    if faults:
        raise InputError(_WHAT, faults)
    return sources


def quotable_numbers(
    sources: Mapping[tuple[str, str], str], computed: Iterable[Page], not_run: Iterable[str] = ()
) -> dict[str, dict[str, str]]:
    """What hand-written chapters may quote, by language: ``"03_incidence.cases"`` and its number.

    Parameters
    ----------
    sources
        Markdown by name and language.
    computed
        Pages with the numbers that their exhibits quote.
    not_run
        Notebooks that this build did not run: what is quoted of them reads ``…`` until it does.

    Raises
    ------
    InputError
        With every number that is asked for and not quoted, in every text at once.
    """
    known: dict[str, dict[str, str]] = {language: {} for _, language in sources}
    chapters = set()
    for page in computed:
        chapters.add(page.name)
        known.setdefault(page.language, {}).update(
            {f"{page.name}.{key}": said for key, said in page.numbers.items()}
        )
    faults, waiting = [], tuple(not_run)
    for (text, language), source in sources.items():
        for asked in dict.fromkeys(number_names(source)):
            if asked not in known[language] and _is_of(asked, waiting):
                known[language][asked] = NOT_YET
            elif asked not in known[language]:
                faults.append(f"{text}.{language}.md: {_why(asked, chapters)}")
    if faults:
        raise InputError(_WHAT, faults)
    return known


def _is_of(asked: str, notebooks: Sequence[str]) -> bool:
    chapter = asked.partition(".")[0]
    return any(chapter == notebook or chapter.startswith(f"{notebook}-") for notebook in notebooks)


def _why(asked: str, chapters: set[str]) -> str:
    chapter, _, number = asked.partition(".")
    if not number:
        return f"{asked} must name its chapter, such as 03_incidence.{asked}"
    if chapter not in chapters:
        return f"{asked}: this report has no computed chapter {chapter}"
    return f"{asked}: {chapter} quotes no number called {number}"


def _not_run(edition: Edition, computed: Sequence[Page], absent: Iterable[str]) -> list[str]:
    place = {chapter.notebook: 0 for chapter in edition.chapters}
    run = {(_name_in_contents(page, place), page.language) for page in computed}
    whole = {
        name for name in place if all((name, language) in run for language in edition.languages)
    }
    return [name for name in place if name not in whole and name not in set(absent)]


def _name_in_contents(page: Page, place: Mapping[str, int]) -> str:
    """What the edition's file calls the chapter of a page: its notebook, where it is run for several values."""
    if page.name in place:
        return page.name
    return next(name for name in place if re.fullmatch(rf"{re.escape(name)}-.+", page.name))
