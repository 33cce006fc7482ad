"""The cells of a table: a name, a number, an interval, or a sign that something is withheld."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from analysis.display.columns import (
    ADDITIVE_COUNTS,
    COUNTS,
    INTERVAL,
    JUDGEMENTS,
    MEASURES,
    P_VALUES,
    PLAIN,
    column_label,
    estimate_of,
    is_missing,
    kind_of,
    plain,
    times_looked_at,
    value_label,
)
from analysis.display.disclosure.public_table import (
    GRAND_TOTAL,
    PROTECTING,
    PUBLISHED,
    SMALL,
    Published,
)
from analysis.display.language import HARD, say_limits, say_number, say_p, say_percent, say_value
from analysis.display.tables.grouping import key_columns
from analysis.display.wording.goals import GOAL_MARKS
from analysis.quantities import note_columns, with_trait
from analysis.terms import has_label, label

# Columns beyond which groups go by their short names, also where they stand alone.
WIDE = 6
# What has no column of its own: limits stand behind their estimate.
HIDDEN = with_trait("hidden")
FLOW = ("left_out", "remaining")
INTERVAL_CELL = "interval"


@dataclass(frozen=True)
class TableLayout:
    """What the lines of a table hold: its columns, those that are names, and how they are written.

    ``keys`` are the columns of names; ``estimate`` is the column with an interval behind it, if there is one.
    """

    columns: list[str]
    keys: list[str]
    estimate: str | None
    language: str
    minimum: int
    decimals: Mapping[str, int]

    @property
    def cells(self) -> list[str]:
        """The cells of a line by name, with that of the interval."""
        names = list(self.columns)
        if self.estimate:
            names.insert(names.index(self.estimate) + 1, INTERVAL_CELL)
        return names

    @property
    def short(self) -> bool:
        """Whether groups go by their short names."""
        return len(self.keys) > 1 or len(self.cells) > WIDE

    def heads(self, frame: pd.DataFrame) -> list[dict]:
        """The headings of the columns."""
        interval = {"text": label("interval_95", self.language), "numeric": True}
        return [
            interval if name == INTERVAL_CELL else head_cell(name, frame, self.language)
            for name in self.cells
        ]


def lay_out_table(
    frame: pd.DataFrame, language: str, minimum: int, decimals: Mapping[str, int]
) -> TableLayout:
    """The layout of a table as it is published."""
    hidden = (*HIDDEN, *note_columns(frame))
    columns = [column for column in frame.columns if column not in hidden]
    estimate = estimate_of(frame) if set(INTERVAL) <= set(frame.columns) else None
    decimals = _no_decimals(frame) | dict(decimals)
    return TableLayout(columns, key_columns(frame, columns), estimate, language, minimum, decimals)


def head_cell(column: str, frame: pd.DataFrame, language: str) -> dict:
    """The heading of a column; over numbers it stands at the right, over years at the left."""
    numeric = column in (*MEASURES, *PLAIN, *FLOW, "goal") or _holds_numbers(column, frame)
    return {
        "text": column_label(column, frame, language),
        "numeric": numeric and column != "year",
    }


def estimate_row(published: Published, row: int, layout: TableLayout) -> list[dict]:
    """The cells of a line of strata, counts and estimates."""
    cells, line = [], published.frame.loc[row]
    for column in layout.columns:
        why = published.why(column)[row]
        if column in MEASURES or why != PUBLISHED:
            cell = _measured(kind_of(column, published.frame), line[column], why, layout)
        else:
            cell = _named(column, line[column], layout)
        cells.append(cell | {"scope": "" if cells else "row"})
        if column == layout.estimate:
            cells.append(_interval(line, why, layout))
    return cells


def total_row(frame: pd.DataFrame, published: Published, layout: TableLayout) -> list[dict]:
    """The totals of the counts, where they may be told; they add up over strata, not over times."""
    cells = [table_cell(label("total", layout.language), header=True)]
    once = not times_looked_at(frame)
    for name in layout.cells[1:]:
        hidden = GRAND_TOTAL in published.hidden_totals.get(name, ())
        shown = once and name in ADDITIVE_COUNTS and not hidden
        text = say_number(frame[name].sum(), layout.language) if shown else ""
        cells.append(table_cell(text, numeric=name != INTERVAL_CELL))
    return cells


def flow_row(line, language: str, minimum: int) -> list[dict]:
    """A criterion, how many it left out, how many remain."""
    key = f"criterion.{line.criterion}"
    name = table_cell(label(key if has_label(key) else line.criterion, language), header=True)
    left_out, remaining = _number(line.left_out, language), _number(line.remaining, language)
    if line.suppressed and line.criterion != "other_reasons":
        # It was withheld where it was counted, being small itself.
        left_out = _withheld(SMALL, language, minimum)
    elif line.suppressed:
        left_out = _withheld(PROTECTING, language, minimum)
        if is_missing(line.remaining):
            remaining = _withheld(SMALL, language, minimum)
    return [name, left_out, remaining]


def table_cell(text: str, numeric: bool = False, quiet: bool = False, header: bool = False) -> dict:
    """A cell as the template reads it."""
    return {
        "text": text,
        "numeric": numeric,
        "quiet": quiet,
        "scope": "row" if header else "",
        "span": 1,
        "explained": "",
        "mark": "",
    }


def _no_decimals(frame: pd.DataFrame) -> dict[str, int]:
    """No decimals for the columns that are no measure and hold whole numbers."""
    others = [column for column in frame.columns if column not in MEASURES]
    numbers = [column for column in others if _holds_numbers(column, frame)]
    return {column: 0 for column in numbers if (frame[column].dropna() % 1 == 0).all()}


def _holds_numbers(column: str, frame: pd.DataFrame) -> bool:
    """Whether a column that is no measure holds numbers that are read as such."""
    values = frame[column].dropna()
    if not pd.api.types.is_float_dtype(values):
        return False
    return not any(_is_code(column, value) for value in values.unique())


def _is_code(column: str, value: object) -> bool:
    """Whether a number stands for something that has a name."""
    return value_label(column, value, "en") != plain(value)


def _named(column: str, value: object, layout: TableLayout) -> dict:
    """A cell of what is no measure: a name, a year, a goal with the word whether it is met."""
    language = layout.language
    if column == "goal_verdict":
        word = "" if is_missing(value) else value_label(column, value, language)
        return table_cell(word) | {"mark": GOAL_MARKS.get(value, "")}
    if column == "goal":
        return table_cell(_goal_text(value, language), numeric=True)
    # Whole numbers outside the measures are codes or years, and stay as they are.
    is_number = isinstance(value, float) and not is_missing(value)
    if is_number and column not in PLAIN and not _is_code(column, value):
        text = say_number(value, language, layout.decimals.get(column, 1))
        return table_cell(text, numeric=True)
    short = layout.short and column != "years"
    numeric = column in PLAIN and column != "year"
    return table_cell(value_label(column, value, language, short), numeric=numeric)


def _goal_text(goal: object, language: str) -> str:
    """A goal in per cent; a word for it where a table brings one."""
    if isinstance(goal, str):
        return goal
    return "" if is_missing(goal) else say_percent(goal, language, 0)


def _measured(kind: str, value: object, why: str, layout: TableLayout) -> dict:
    language = layout.language
    if why != PUBLISHED:
        # An estimate is not small: it is withheld since its count is.
        sign = _withheld(why if kind in COUNTS else PROTECTING, language, layout.minimum)
        return sign | {"numeric": kind not in JUDGEMENTS}
    if is_missing(value):
        return table_cell(label("not_estimated", language), numeric=True, quiet=True)
    # The heading says p already.
    if kind in P_VALUES:
        text = say_p(value, language).removeprefix(f"p{HARD}").removeprefix(f"={HARD}")
    elif kind in PLAIN:
        text = plain(value)
    else:
        text = say_value(kind, value, language, layout.decimals.get(kind))
    return table_cell(text, numeric=True)


def _interval(line: pd.Series, why: str, layout: TableLayout) -> dict:
    language, measure = layout.language, layout.estimate
    if why != PUBLISHED:
        return _withheld(PROTECTING, language, layout.minimum)
    if is_missing(line["lower"]) or is_missing(line["upper"]):
        return table_cell(label("not_estimated", language), numeric=True, quiet=True)
    limits = say_limits(
        measure, line["lower"], line["upper"], language, layout.decimals.get(measure)
    )
    return table_cell(f"({limits})", numeric=True)


def _withheld(why: str, language: str, minimum: int) -> dict:
    """A sign for the eye, and a sentence for who has the table read aloud."""
    text = f"<{minimum}" if why == SMALL else "–"
    key = "fewer_than_hidden" if why == SMALL else "not_shown"
    explained = label(key, language).replace("{n}", str(minimum))
    return table_cell(text, numeric=True, quiet=True) | {"explained": explained}


def _number(number: object, language: str) -> dict:
    return table_cell("" if is_missing(number) else say_number(number, language), numeric=True)
