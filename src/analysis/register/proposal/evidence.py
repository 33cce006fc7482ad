"""What the name and the values of a column say of it. What is known of names and codes is data: ``proposals.yml``."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from functools import cache
from importlib.resources import files

import numpy as np
import pandas as pd
import yaml

from analysis.register.mapping.mapping_file import MISSING_CODES, MONTHS_PER_YEAR

_LETTERS = str.maketrans({"ø": "o", "æ": "a", "ð": "d", "þ": "th"})
# Nearly all: a slip of the pen in one row is no reason not to know a column.
NEARLY_ALL = 0.95
LIKE, LIKE_ENOUGH = 0.9, 0.84
SHORTEST_PART = 5
SEEN_DATES = 500  # distinct ones are enough to know the form by
IN_MONTHS = re.compile(r"mnd|maned|manad|month|mdr|kuukau")
IN_DAYS = re.compile(r"dager|dagar|dage$|dogn|days|paiv")
DATE_FORMATS = (
    *("%Y-%m-%d", "%d.%m.%Y", "%Y%m%d", "%d/%m/%Y", "%d-%m-%Y", "%Y/%m/%d", "%Y.%m.%d", "%m/%d/%Y"),
    *("%d%b%Y", "%d.%m.%y", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S"),
)
# Columns that have codes of ours, and where any other name is one too.
FREELY_NAMED = ("region",)
AS_THEY_ARE = "its values are taken as they are"
PATTERNS = {
    "topography": r"[Cc][0-8]\d\.?\d",
    "morphology": r"[89]\d{3}",
    "grade": r"[1-9]",
    "age_group": r"\d{1,3}([-–]\d{1,3})?",
    "period": r"\d{4}[-–]\d{4}",
    "iccc3_group": r"[IVX]+",
}
# A morphology that has the behaviour with it: 9470/3, 94703, and 947033 with the grade behind.
JOINED = {"6-6": r"[89]\d{3}/[0-3]\d?", "5-5": r"[89]\d{3}[0-3]\d?"}
RANGES = {
    "year": (1900, 2099), "age": (0, 120), "age_at_diagnosis": (0, 120), "age_at_diagnosis_days": (0, 44_000),
    "follow_up_days": (0, 44_000), "relapse_days": (0, 44_000), "persons": (0, 1e10), "cases": (0, 1e9),
    "person_years": (0, 1e10), "mortality_rate": (0, 10),
}  # fmt: skip


@dataclass(frozen=True)
class Cells:
    """What was seen of a column: how many rows have each filled value, and whether the file has it as dates."""

    counts: pd.Series
    rows: int
    dated: bool

    def share(self, holds: Iterable[bool]) -> float:
        """The share of the filled rows whose value does."""
        if self.counts.empty:
            return 0.0
        held = np.fromiter(holds, dtype=bool, count=len(self.counts))
        return float(self.counts.to_numpy()[held].sum() / self.counts.sum())


@dataclass(frozen=True)
class Fit:
    """How a column would be read as one of ours, and what its values say for it."""

    rule: dict
    why: str


def look_at(column: pd.Series) -> Cells:
    """Count the values of a column as text; empty cells and codes for missing are left out."""
    dated = pd.api.types.is_datetime64_any_dtype(column)
    text = column.dropna().astype("string").str.strip()
    if pd.api.types.is_float_dtype(column):  # whole numbers with gaps arrive as floats: 9470.0
        text = text.str.removesuffix(".0")
    counts = text[~text.isin(MISSING_CODES)].value_counts()
    return Cells(counts.set_axis(counts.index.astype(object)), len(column), dated)


def fit_values(ours: str, kind: str, theirs: str, cells: Cells) -> Fit | None:
    """Whether the values of a column can be those of ours, and by what rule; None where they cannot.

    Parameters
    ----------
    ours
        Our column.
    kind
        ``"text"``, ``"date"``, ``"whole"`` or ``"decimal"``: what the data dictionary says of it.
    theirs
        The name of the column.
    cells
        Its values.
    """
    if cells.counts.empty or (cells.dated and kind != "date"):
        return None
    if ours in _knowledge()["codes"]:
        as_they_are = Fit({}, AS_THEY_ARE) if ours in FREELY_NAMED else None
        return _fit_codes(ours, theirs, cells) or as_they_are
    if kind == "date":
        return _fit_dates(cells)
    if ours in PATTERNS:
        return _fit_pattern(ours, cells)
    if ours in RANGES:
        return _fit_numbers(ours, theirs, cells)
    if ours == "case_id" and len(cells.counts) < cells.rows:
        return None
    return Fit({}, AS_THEY_ARE)


def name_likeness(theirs: str, ours: str) -> float:
    """How like a name is to those by which our column is known: 1 for one of them, 0 for none.

    Examples
    --------
    >>> name_likeness("Kjønn", "sex"), name_likeness("Diagnosedatum_1", "diagnosis_date") > 0.7
    (1.0, True)
    >>> name_likeness("merknad", "sex")
    0.0
    """
    name, names = _folded(theirs), _names(ours)
    # A column of identity numbers must not become the persons of a mapping: it is to be left away.
    if is_identity_name(theirs):
        return 0.0
    if name in names:
        # One letter is the name of many things.
        return 1.0 if len(name) > 1 else LIKE
    if any(len(part) >= SHORTEST_PART and part in name for part in names):
        return LIKE
    likeness = max((SequenceMatcher(None, name, other).ratio() for other in names), default=0.0)
    return likeness * LIKE if likeness >= LIKE_ENOUGH else 0.0


def is_identity_name(theirs: str) -> bool:
    """Whether a column is called as national identity numbers are.

    Examples
    --------
    >>> is_identity_name("Fødselsnummer"), is_identity_name("pasientnummer")
    (True, False)
    """
    return _folded(theirs) in {_folded(name) for name in _knowledge()["identity"]}


def behaviour_with_morphology(cells: Cells) -> str | None:
    """Where the behaviour stands in a column of morphologies that has both; None where it has not."""
    for characters, pattern in JOINED.items():
        if cells.share(cells.counts.index.str.fullmatch(pattern)) >= NEARLY_ALL:
            return characters
    return None


def _fit_codes(ours: str, theirs: str, cells: Cells) -> Fit | None:
    values = cells.counts.index
    for table in _knowledge()["codes"][ours]:
        codes = table["codes"]
        # 1 and 2 mean other things in other registries: some tables are of columns of certain names.
        names = {_folded(name) for name in table.get("names", ())}
        is_of_name = not names or _folded(theirs) in names
        if is_of_name and cells.share(value.casefold() in codes for value in values) >= NEARLY_ALL:
            return Fit(_code_rule(values, codes), "its codes are known")
    return None


def _code_rule(values: Iterable[str], codes: Mapping[str, str]) -> dict:
    """The rule that translates the values; none where each of them is our own code already."""
    meanings = {value: codes[value.casefold()] for value in values if value.casefold() in codes}
    # Numbers that are not among the first rows may well come later.
    numbers = {code: meaning for code, meaning in codes.items() if code.isdecimal()}
    translated = dict(sorted((numbers | meanings).items()))
    is_ours = all(code == meaning for code, meaning in translated.items())
    return {} if is_ours else {"codes": translated}


def _fit_dates(cells: Cells) -> Fit | None:
    if cells.dated:
        return Fit({}, "its values are dates")
    seen = Cells(cells.counts.head(SEEN_DATES), cells.rows, False)
    forms = [
        form
        for form in DATE_FORMATS
        if seen.share(_is_date(value, form) for value in seen.counts.index) >= NEARLY_ALL
    ]
    if not forms:
        return None
    # Days up to the twelfth fit day and month in either order; a person has to say which it is.
    others = f"; {' or '.join(forms[1:])} would fit too" if len(forms) > 1 else ""
    return Fit({"format": forms[0]}, f"its values are dates of the form {forms[0]}{others}")


def _is_date(value: str, form: str) -> bool:
    try:
        return 1850 <= datetime.strptime(value, form).year < 2100
    except ValueError:
        return False


def _fit_pattern(ours: str, cells: Cells) -> Fit | None:
    if cells.share(cells.counts.index.str.fullmatch(PATTERNS[ours])) >= NEARLY_ALL:
        return Fit({}, "its values have the form")
    if ours == "morphology" and behaviour_with_morphology(cells):
        return Fit({"characters": "1-4"}, "its values are a morphology with its behaviour")
    return None


def _fit_numbers(ours: str, theirs: str, cells: Cells) -> Fit | None:
    lowest, highest = RANGES[ours]
    months = ours == "age_at_diagnosis" and IN_MONTHS.search(_folded(theirs)) is not None
    # Ages in days of the first weeks are in the range of years as well: the name decides.
    if ours.startswith("age") and not ours.endswith("days") and IN_DAYS.search(_folded(theirs)):
        return None
    values = pd.Series(cells.counts.index, dtype=object)
    numbers = pd.to_numeric(values, errors="coerce").astype("float64")
    if months:
        highest = highest * MONTHS_PER_YEAR
    if cells.share(numbers.between(lowest, highest)) < NEARLY_ALL:
        return None
    if months:
        return Fit({"unit": "months"}, "its values are months")
    return Fit({}, "its values are numbers in range")


def _folded(name: str) -> str:
    """A name in small letters of the English alphabet and digits: Kjønn is kjonn, fødsels_dato fodselsdato."""
    # Unicode has no plain form of these letters; accents of all others are taken off below.
    small = str(name).casefold().translate(_LETTERS)
    plain = unicodedata.normalize("NFKD", small)
    return "".join(letter for letter in plain if letter.isascii() and letter.isalnum())


@cache
def _names(ours: str) -> frozenset[str]:
    return frozenset(_folded(name) for name in [ours, *_knowledge()["names"].get(ours, ())])


@cache
def _knowledge() -> dict:
    # Every value is text, as in a mapping: NO is Norway and 01 is not 1.
    text = files("analysis.register.proposal").joinpath("proposals.yml").read_text("utf-8")
    return yaml.load(text, Loader=yaml.BaseLoader)
