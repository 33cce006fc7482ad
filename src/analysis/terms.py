"""The words of the house: columns, codes, which step adds what, and labels in each language.

A stage may import this page and nothing of another stage. Labels live in ``terms.csv``
(``key,en,nb``), so that a language is a column there and never a branch in code.
"""

import csv
from functools import cache
from importlib.resources import files

LANGUAGES = ("en", "nb")

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
POOLED_GROUPS = {group: group if group in ("I", "II", "III") else "IV–XII" for group in ICCC3_GROUPS}

# Completed years of age. Infants apart, since their rates differ; 15–17 apart, since their coverage does; 18–19 for
# registries that follow adolescents to their twentieth birthday.
AGE_GROUPS = {"0": (0, 0), "1-4": (1, 4), "5-9": (5, 9), "10-14": (10, 14), "15-17": (15, 17), "18-19": (18, 19)}

DAYS_PER_YEAR = 365.25

ADDED_BY = {
    "iccc3_group": "added by analysis.cases.classify_iccc3",
    "iccc3_subgroup": "added by analysis.cases.classify_iccc3",
    "iccc3_extended": "added by analysis.cases.classify_iccc3",
    "unclassified_reason": "added by analysis.cases.add_unclassified_reason",
    "age_at_diagnosis": "added by analysis.cases.add_age",
    "age_group": "added by analysis.cases.add_age",
    "year": "added by analysis.cases.add_age",
    "period": "added by analysis.cases.add_period",
    "icd10": "added by analysis.cases.add_icd10",
    "toronto_stage": "added by analysis.cases.add_toronto_stage",
    "toronto_tier": "added by analysis.cases.add_toronto_stage",
    "tumour_sequence": "added by analysis.cases.add_tumour_sequence",
    "primary": "added by analysis.cases.mark_multiple_primaries",
    "follow_up_days": "added by analysis.cases.add_follow_up",
    "event": "added by analysis.cases.add_follow_up",
    "entry_days": "added by analysis.cases.select_window",
    "at_risk": "added by analysis.counts.event_table",
    "events": "added by analysis.counts.event_table",
    "censored": "added by analysis.counts.event_table",
    "cases": "added by analysis.counts.case_counts",
    "person_years": "added by analysis.counts.person_years",
    "status_unknown": "added by analysis.counts.prevalent_cases",
    "from_days": "added by analysis.counts.survivor_times",
    "to_days": "added by analysis.counts.survivor_times",
    "completeness_index": "added by analysis.estimates.completeness_index",
    "rate": "added by analysis.estimates.incidence_rate",
    "survival": "added by analysis.estimates.kaplan_meier",
    "cumulative_incidence": "added by analysis.estimates.cumulative_incidence_function",
    "cumulative_hazard": "added by analysis.estimates.nelson_aalen",
    "net_survival": "added by analysis.estimates.net_survival",
    "excess_hazard": "added by analysis.estimates.net_survival",
}


@cache
def _labels() -> dict[str, dict[str, str]]:
    with files("analysis").joinpath("terms.csv").open(encoding="utf-8", newline="") as lines:
        return {row["key"]: row for row in csv.DictReader(lines)}


def label(key: object, language: str) -> str:
    """The reader's word for a column, a code or a group; the key itself where it is its own word.

    Parameters
    ----------
    key
        A column name (``"person_years"``), or a code with its column (``"sex.male"``, ``"iccc3.III"``).
    language
        ``"en"`` or ``"nb"`` (bokmål).

    Examples
    --------
    >>> label("sex.female", "nb")
    'jenter'
    """
    row = _labels().get(str(key))
    return row[language] if row else str(key)


def has_label(key: object) -> bool:
    """Whether ``terms.csv`` has a word for this key."""
    return str(key) in _labels()


def is_count_table(frame) -> bool:
    """Whether a frame brings counts (a ``cases`` column) instead of one row a tumour."""
    return "cases" in frame.columns
