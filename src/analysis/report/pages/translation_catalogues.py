"""Catalogues of translations: what must be in them, what is wrong with one, and bringing it up to date.

Gettext catalogues, read and written by Babel: every tool of translators knows them.
"""

import io
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from babel import localedata
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from analysis.errors import InputError
from analysis.report.files.notebooks import read_notebook
from analysis.report.files.page_words import WORDS
from analysis.report.files.writing import write_whole
from analysis.report.pages.glossary import glossary_messages
from analysis.report.pages.translations import catalogue_of, first_words, prose_messages
from analysis.terms import LOCALE, SOURCE_LANGUAGE, TERMS, parse_catalogue, read_words

# No date and no name: a catalogue changes when what it says changes.
HEADER = (
    'msgid ""\nmsgstr ""\n"Language: {}\\n"\n"MIME-Version: 1.0\\n"\n'
    '"Content-Type: text/plain; charset=utf-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n\n'
)
_PLACE = re.compile(r"\{\{\s*[\w.-]+\s*\}\}|\{\w*\}")
_FUZZY = "the English has changed; mend the translation and take away the word fuzzy"
_HEADINGS = re.compile(r"^(#+) ", re.MULTILINE)

# The English messages of a catalogue, by context and text, each with a word for the translator.
Messages = Mapping[tuple[str, str], str]


def catalogues(language: str, notebooks: Iterable[Path]) -> dict[Path, Messages]:
    """The catalogues of a language by their path, and what each must translate.

    Parameters
    ----------
    language
        Its code, ``"sv"``; a folder of that name holds its catalogues.
    notebooks
        Whose prose is translated; the words of the package always are.
    """
    words = {
        "terms": read_words(TERMS),
        "words": read_words(WORDS),
        "glossary": glossary_messages(),
    }
    messages_by_path: dict[Path, Messages] = {}
    for name, texts in words.items():
        path = LOCALE / language / f"{name}.po"
        messages_by_path[path] = {(key, text): "" for key, text in texts.items()}
    for notebook in notebooks:
        prose = prose_messages(read_notebook(notebook))
        messages = {("", text): about for text, about in prose.items()}
        messages_by_path[catalogue_of(notebook, language)] = messages
    return messages_by_path


def check_translations(languages: Iterable[str], notebooks: Iterable[Path]) -> None:
    """Hold the catalogues of languages against what they must translate.

    Raises
    ------
    InputError
        With the faults of all of them: a text without a translation, one that is marked as fuzzy, one that stands
        nowhere any more, a place for a number or a heading that the translation has not.
    """
    languages, notebooks = [code for code in languages if code != SOURCE_LANGUAGE], list(notebooks)
    faults = [
        f"{language}/{path.name}: {fault}"
        for language in languages
        for path, messages in catalogues(language, notebooks).items()
        for fault in _faults(parse_catalogue(path), messages)
    ]
    if faults:
        raise InputError("translations", faults)


def update_catalogues(language: str, notebooks: Iterable[Path]) -> dict[Path, int]:
    """Bring the catalogues of a language up to date, and make those that are missing.

    What is new is there without a translation; where an English text has changed, its translation is kept, marked as
    fuzzy, with the text that it was made for; what stands nowhere any more is gone.

    Returns
    -------
    dict
        How many texts of each catalogue are still to be translated or looked at.

    Raises
    ------
    InputError
        There is no such language; what is there is no catalogue.
    """
    _require_other_language(language)
    left = {}
    for path, messages in catalogues(language, notebooks).items():
        template = Catalog()
        for (context, text), about in messages.items():
            template.add(text, context=context or None, auto_comments=[about] if about else ())
        catalogue = parse_catalogue(path)
        catalogue.update(template)
        catalogue.obsolete.clear()
        _write(catalogue, path, language)
        left[path] = sum(not entry.string or entry.fuzzy for entry in catalogue if entry.id)
    return left


def _require_other_language(language: str) -> None:
    # Babel also knows locales such as "sv_FI"; a folder is called by the language alone.
    is_code = re.fullmatch(r"[a-z]{2,3}", language) and localedata.exists(language)
    if not is_code or language == SOURCE_LANGUAGE:
        fault = f"{language}: must be the code of a language other than English, such as sv"
        raise InputError("language", [fault])


def _write(catalogue: Catalog, path: Path, language: str) -> None:
    for entry in catalogue:
        # A per cent sign is no place in a text here.
        entry.flags.discard("python-format")
    written = io.BytesIO()
    write_po(written, catalogue, width=0, omit_header=True, include_previous=True)
    write_whole(path, HEADER.format(language) + written.getvalue().decode())


def _faults(catalogue: Catalog, messages: Messages) -> list[str]:
    entries = {(entry.context or "", entry.id): entry for entry in catalogue if entry.id}
    faults = []
    for (context, text), entry in ((key, entries.get(key)) for key in messages):
        name = f"{context} “{first_words(text)}”".strip()
        if entry is None or not entry.string:
            faults.append(f"{name} must be translated")
        elif entry.fuzzy:
            faults.append(f"{name}: {_FUZZY}")
        else:
            faults += [f"{name}: {fault}" for fault in _differences(text, entry.string)]
    for context, text in entries:
        if (context, text) not in messages:
            faults.append(f"{context} “{first_words(text)}” stands nowhere any more".strip())
    return faults


def _differences(english: str, translation: str) -> list[str]:
    """What a translation must share with the English and does not.

    Examples
    --------
    >>> _differences("# {{ cases }} cases", "# tilfeller")
    ['{{ cases }} must be in both']
    """
    in_one_alone = _places(english) ^ _places(translation)
    faults = [f"{place} must be in both" for place in sorted(in_one_alone)]
    if _HEADINGS.findall(english) != _HEADINGS.findall(translation):
        faults.append("must have the same headings")
    return faults


def _places(text: str) -> set[str]:
    """The places for numbers in a text; how many blanks stand in the braces does not matter."""
    return set(_PLACE.findall(re.sub(r"\s+(?=\}\})|(?<=\{\{)\s+", " ", text)))
