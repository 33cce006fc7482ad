"""The words around a chapter (buttons, labels, notices), one column a language in ``words.csv``."""

import csv
from collections.abc import Iterable
from functools import cache
from importlib.resources import files


@cache
def _words() -> dict[str, dict[str, str]]:
    with files("analysis.report").joinpath("template/words.csv").open(encoding="utf-8", newline="") as lines:
        return {row["key"]: row for row in csv.DictReader(lines)}


def word(key: str, language: str, **values: object) -> str:
    """The word for ``key``, its places filled with ``values``.

    Examples
    --------
    >>> word("figure", "nb")
    'Figur'
    """
    return _words()[key][language].format(**values)


def words_in(language: str) -> dict[str, str]:
    """Every word of a language by key, for a page template."""
    return {key: row[language] for key, row in _words().items()}


def needs_sentence(missing: Iterable[str], language: str) -> str:
    """One sentence on why a chapter is absent.

    Examples
    --------
    >>> needs_sentence(["children", "stage"], "en")
    'Not shown: it needs one record for each child and the stage at diagnosis.'
    """
    known = _words()
    phrases = [word(f"need.{need}", language) if f"need.{need}" in known else need for need in missing]
    *others, last = phrases
    joined = f"{', '.join(others)} {word('and', language)} {last}" if others else last
    return word("needs", language, needs=joined)
