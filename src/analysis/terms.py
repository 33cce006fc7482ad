"""The words that all stages share: codes in their order, and labels in each language.

A stage may import this page and nothing of another stage. Labels are written in English in ``terms.csv``
(``key,en``) and translated in gettext catalogues, ``locale/LANGUAGE/terms.po``: a language is a folder there and
never a branch in code.
"""

import csv
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from analysis.errors import InputError

_HERE = Path(__file__).parent
LOCALE = _HERE / "locale"
TERMS = _HERE / "terms.csv"
# What everything is written in; each other language is a folder of catalogues.
SOURCE_LANGUAGE = "en"
LANGUAGES = (
    SOURCE_LANGUAGE,
    *sorted(folder.name for folder in LOCALE.glob("*") if folder.is_dir()),
)

# Nordic countries first, then the Baltic ones: the order of every table and legend.
COUNTRIES = ("DK", "FI", "IS", "NO", "SE", "EE", "LV", "LT")
# Norway's, from the largest; the regions of other countries come in the order of the alphabet.
HEALTH_REGIONS = ("Sør-Øst", "Vest", "Midt-Norge", "Nord")
SEXES = ("male", "female", "other", "unknown")
VITAL_STATUS = ("alive", "dead", "lost", "unknown")
BASIS_OF_DIAGNOSIS = (0, 1, 2, 4, 5, 6, 7, 9)
MICROSCOPIC_BASIS = (5, 6, 7)
DEATH_CERTIFICATE_ONLY = 0
YES_NO = ("yes", "no", "unknown")

ICCC3_GROUPS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
# Groups too small to stand alone in one country's figures are pooled, as the registry does.
POOLED_GROUPS = {
    group: group if group in ("I", "II", "III") else "IV–XII" for group in ICCC3_GROUPS
}

# Completed years of age. Infants apart, since their rates differ; 15–17 apart, since their coverage does; 18–19 for
# registries that follow adolescents to their twentieth birthday.
AGE_GROUPS = {
    "0": (0, 0),
    "1-4": (1, 4),
    "5-9": (5, 9),
    "10-14": (10, 14),
    "15-17": (15, 17),
    "18-19": (18, 19),
}

# Strata come in reading order: as the field lists them, not by the alphabet (group IX after VIII, 5-9 before 10-14).
AFTER_ALL_AGES = 999
READING_ORDER = {
    "country": COUNTRIES,
    "region": HEALTH_REGIONS,
    "sex": SEXES,
    "age_group": tuple(AGE_GROUPS),
    "iccc3_group": ICCC3_GROUPS,
    "iccc3_subgroup": ICCC3_GROUPS,
    "iccc3_extended": ICCC3_GROUPS,
}

DAYS_PER_YEAR = 365.25


@cache
def reading_place(column: str, value: object) -> int:
    """The place of a value in the reading order of its column; what is not listed comes last.

    Examples
    --------
    >>> reading_place("iccc3_subgroup", "II(a)"), reading_place("age_group", "10-14")
    (1, 10)
    """
    if column == "age_group":
        first_age = re.match(r"\d+", str(value))
        return int(first_age.group()) if first_age else AFTER_ALL_AGES
    listed, word = READING_ORDER[column], str(value).split("(")[0]
    return listed.index(word) if word in listed else len(listed)


def read_words(path: Path) -> dict[str, str]:
    """English words by key, from a file of ``key,en``; it must not be changed."""
    with path.open(encoding="utf-8", newline="") as lines:
        return {row["key"]: row[SOURCE_LANGUAGE] for row in csv.DictReader(lines)}


@cache
def read_catalogue(path: Path) -> dict[tuple[str, str], str]:
    """The translations of a gettext catalogue by context and English text, without those marked as fuzzy.

    Nothing where there is no such file; it must not be changed.

    Raises
    ------
    InputError
        It is no catalogue.
    """
    translations = {}
    for message in parse_catalogue(path):
        if message.id and message.string and not message.fuzzy:
            translations[message.context or "", message.id] = message.string
    return translations


def parse_catalogue(path: Path):
    """A gettext catalogue as Babel reads it, empty where there is no such file.

    Raises
    ------
    InputError
        It is no catalogue.
    """
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import PoFileError, read_po

    if not path.is_file():
        return Catalog()
    name = f"{path.parent.name}/{path.name}"
    try:
        with path.open("rb") as lines:
            return read_po(lines, abort_invalid=True)
    except PoFileError as error:
        raise InputError(
            f"translation {name}", [f"line {error.lineno + 1} is not of a catalogue"]
        ) from None
    except UnicodeDecodeError:
        raise InputError(f"translation {name}", ["must be text in UTF-8"]) from None


@cache
def _labels(language: str) -> Mapping[str, str]:
    return translate_words(read_words(TERMS), "terms", language)


def translate_words(english: Mapping[str, str], name: str, language: str) -> Mapping[str, str]:
    """Words in another language by the same keys, from the catalogue ``locale/LANGUAGE/NAME.po``.

    Raises
    ------
    InputError
        There is no such language, or no translation of some: all of them are named.
    """
    if language == SOURCE_LANGUAGE:
        return english
    if language not in LANGUAGES:
        raise InputError("language", [f"must be one of {', '.join(LANGUAGES)}"])
    translations = read_catalogue(LOCALE / language / f"{name}.po")
    missing = [key for key, word in english.items() if (key, word) not in translations]
    if missing:
        raise InputError(
            f"translation {language}/{name}.po", [f"must translate {key}" for key in missing]
        )
    return {key: translations[key, word] for key, word in english.items()}


def label(key: object, language: str) -> str:
    """The reader's word for a column, a code or a group; the key itself where it is its own word.

    Parameters
    ----------
    key
        A column name (``"person_years"``), or a code with its column (``"sex.male"``, ``"iccc3.III"``).
    language
        One of ``LANGUAGES``: ``"en"``, ``"nb"`` (bokmål).

    Examples
    --------
    >>> label("sex.female", "nb")
    'jenter'
    """
    return _labels(language).get(str(key), str(key))


def locale_of(language: str) -> str:
    """The locale in which numbers and dates of a language are written: English is British here."""
    return "en_GB" if language == SOURCE_LANGUAGE else language


def has_label(key: object) -> bool:
    """Whether ``terms.csv`` has a word for this key."""
    return str(key) in _labels(SOURCE_LANGUAGE)


def is_count_table(frame) -> bool:
    """Whether a frame brings counts (a ``cases`` column) instead of one row a tumour."""
    return "cases" in frame.columns
