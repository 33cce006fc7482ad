"""The words around a chapter (buttons, labels, notices): English in ``words.csv``, translated in ``words.po``."""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from analysis.terms import read_words, translate_words

WORDS = Path(__file__).parents[1] / "template" / "words.csv"
# "no" is the older code of Norwegian; the pages are in bokmål.
LANGUAGE_ALIASES = {"no": "nb"}


@cache
def words_in(language: str) -> Mapping[str, str]:
    """Every word of a language by key, for a page template; it must not be changed."""
    return translate_words(read_words(WORDS), "words", language)


def word(key: str, language: str, **values: object) -> str:
    """The word for ``key``, its places filled with ``values``.

    Examples
    --------
    >>> word("figure", "nb")
    'Figur'
    """
    return words_in(language)[key].format(**values)


def needs_sentence(missing: Iterable[str], language: str) -> str:
    """One sentence on why a chapter is absent.

    Examples
    --------
    >>> needs_sentence(["children", "stage"], "en")
    'Not shown: it needs one record for each child and the stage at diagnosis.'
    """
    words = words_in(language)
    # A registry may ask for a column that has no phrase; its name still tells what is missing.
    phrases = [words.get(f"need.{need}", need) for need in missing]
    *others, last = phrases
    joined = f"{', '.join(others)} {word('and', language)} {last}" if others else last
    return word("needs", language, needs=joined)


def plain_language(code: Any) -> Any:
    """The code of a language as the package has it: ``"no"`` is read as ``"nb"``.

    Examples
    --------
    >>> plain_language("no")
    'nb'
    """
    # A YAML 1.1 reader upstream turns a bare ``no`` into False.
    if code is False:
        return "nb"
    return LANGUAGE_ALIASES.get(code, code) if isinstance(code, str) else code
