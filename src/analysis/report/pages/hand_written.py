"""Hand-written chapters: Markdown that stands in the contents beside what is computed, and may quote it."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from analysis.errors import ChapterError, InputError
from analysis.report.edition.contents import WrittenChapter, name_of
from analysis.report.edition.model import Edition
from analysis.report.files.page_text import number_names
from analysis.report.pages import prose
from analysis.report.pages.bind import Page
from analysis.report.pages.glossary import with_terms
from analysis.report.pages.markdown import text_markup
from analysis.report.pages.outline import outline_of
from analysis.report.pages.references import cited_keys, with_citations

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
    position = {name_of(line): number for number, line in enumerate(edition.contents)}
    # Sorting is stable: the languages and the values of a chapter stay in the order of its runs.
    pages = [*computed, *written]
    return tuple(sorted(pages, key=lambda page: position[_name_in_contents(page, position)]))


def _sources(edition: Edition) -> dict[tuple[str, str], str]:
    """The text of every hand-written chapter, by name and language."""
    sources, faults = {}, []
    texts = [line for line in edition.contents if isinstance(line, WrittenChapter)]
    for chapter in texts:
        for language in edition.languages:
            path = chapter.path(edition.texts, language)
            try:
                sources[chapter.text, language] = path.read_text(encoding="utf-8")
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
    pages = list(computed)
    quotable: dict[str, dict[str, str]] = {language: {} for _, language in sources}
    for page in pages:
        quotable.setdefault(page.language, {}).update(_numbers_of(page))
    chapters = {page.name for page in pages}
    waiting = tuple(not_run)
    faults = []
    for (text, language), source in sources.items():
        numbers = quotable[language]
        for name in _unknown_numbers(source, numbers):
            if _is_of(name, waiting):
                numbers[name] = NOT_YET
            else:
                faults.append(f"{text}.{language}.md: {_why(name, chapters)}")
    if faults:
        raise InputError(_WHAT, faults)
    return quotable


def _numbers_of(page: Page) -> dict[str, str]:
    return {f"{page.name}.{key}": number for key, number in page.numbers.items()}


def _unknown_numbers(source: str, numbers: Mapping[str, str]) -> list[str]:
    return [name for name in dict.fromkeys(number_names(source)) if name not in numbers]


def _is_of(number: str, notebooks: Sequence[str]) -> bool:
    """Whether a number is quoted of one of these notebooks, or of its run for one value."""
    chapter = number.partition(".")[0]
    return any(chapter == notebook or chapter.startswith(f"{notebook}-") for notebook in notebooks)


def _why(name: str, chapters: set[str]) -> str:
    chapter, _, number = name.partition(".")
    if not number:
        return f"{name} must name its chapter, such as 03_incidence.{name}"
    if chapter not in chapters:
        return f"{name}: this report has no computed chapter {chapter}"
    return f"{name}: {chapter} quotes no number called {number}"


def _not_run(edition: Edition, computed: Sequence[Page], absent: Iterable[str]) -> list[str]:
    """Notebooks that lack a page in one of the languages, and could have one."""
    notebooks = [chapter.notebook for chapter in edition.chapters]
    bound = {(_name_in_contents(page, notebooks), page.language) for page in computed}
    excused = set(absent)
    return [
        name
        for name in dict.fromkeys(notebooks)
        if name not in excused and not bound.issuperset((name, code) for code in edition.languages)
    ]


def _name_in_contents(page: Page, names: Collection[str]) -> str:
    """What the edition's file calls the chapter of a page: its notebook, where it is run for several values."""
    if page.name in names:
        return page.name
    return next(name for name in names if re.fullmatch(rf"{re.escape(name)}-.+", page.name))


def bind_text(source: str, name: str, language: str, numbers: Mapping[str, str]) -> Page:
    """Turn a hand-written chapter in Markdown into a page; what looks like HTML in it is text.

    Parameters
    ----------
    source
        Markdown with one ``#`` title; ``{{ 03_incidence.cases }}`` quotes a computed chapter.
    name, language
        Of the page.
    numbers
        All that may be quoted, by chapter and name.

    Raises
    ------
    ChapterError
        A number that no chapter quotes, an unknown work, a picture, not exactly one title.
    """
    aside: list[str] = []
    # What is set aside comes back as it is; a reader's own private-use characters must not call for it.
    cited = with_citations(re.sub("[\ue000-\ue003]", "", source), aside)
    markup = text_markup(prose.set_aside(cited, numbers, aside))
    if "<img" in markup:
        raise ChapterError("a hand-written chapter takes no picture")
    outline = outline_of(f'<div class="prose">{markup}</div>', aside, language)
    body = prose.put_back(with_terms(outline.body, language), aside)
    return Page(
        name=name,
        language=language,
        value="",
        title=outline.title,
        description=outline.description,
        body=body,
        headings=outline.headings,
        reviewed=body,
        cited=tuple(cited_keys(source)),
    )
