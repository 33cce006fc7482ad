"""What a valid table holds, added up from its pieces."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

INVENTED_PREFIX = "demo-"
LISTED = ("country", "year", "period", "sex", "age_group", "site", "iccc3_group")


@dataclass(frozen=True)
class Survey:
    """What a table holds, without its rows.

    Attributes
    ----------
    rows
        How many.
    filled
        In how many rows each column is filled.
    levels
        The values found of those columns that are listed, none of a person: country, year
        (of diagnosis, from its date where that is sent), period, sex, age group, site, ICCC-3 group.
    invented
        Some of its children are of the embedded demonstration.
    """

    rows: int
    filled: Mapping[str, int]
    levels: Mapping[str, frozenset]
    invented: bool


def survey_of(frame: pd.DataFrame, invented: bool = False) -> Survey:
    """Survey a valid table, or a piece of one.

    Parameters
    ----------
    frame
        As validated.
    invented
        It is the demonstration; where not, its own children say so (``case_id`` beginning with
        ``demo-``), so that invented children stay invented when saved and read again.

    Examples
    --------
    >>> survey_of(pd.DataFrame({"case_id": ["demo-1", "demo-2"], "country": ["NO", "NO"]})).invented
    True
    """
    listed = {column: _levels(frame[column]) for column in LISTED if column in frame}
    # A year may be sent for some tumours and a date for others.
    if "diagnosis_date" in frame:
        listed["year"] = listed.get("year", frozenset()) | _levels(frame["diagnosis_date"].dt.year)
    if "case_id" in frame and not invented:
        invented = any(str(name).startswith(INVENTED_PREFIX) for name in frame["case_id"])
    return Survey(len(frame), frame.notna().sum().to_dict(), listed, invented)


def add_surveys(*surveys: Survey) -> Survey:
    """The survey of a whole from those of its pieces.

    Examples
    --------
    >>> pieces = [survey_of(pd.DataFrame({"sex": [sex]})) for sex in ("male", "female", None)]
    >>> whole = add_surveys(*pieces)
    >>> whole.rows, whole.filled, sorted(whole.levels["sex"])
    (3, {'sex': 2}, ['female', 'male'])
    """
    columns = dict.fromkeys(column for survey in surveys for column in survey.filled)
    listed = dict.fromkeys(column for survey in surveys for column in survey.levels)
    return Survey(
        sum(survey.rows for survey in surveys),
        {column: sum(survey.filled.get(column, 0) for survey in surveys) for column in columns},
        {
            column: frozenset().union(*(survey.levels.get(column, ()) for survey in surveys))
            for column in listed
        },
        any(survey.invented for survey in surveys),
    )


def _levels(column: pd.Series) -> frozenset:
    return frozenset(column.dropna().unique().tolist())
