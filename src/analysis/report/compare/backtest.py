"""A published edition as a backtest of the next: how many of its intervals hold the estimates that came after."""

from collections.abc import Iterable
from dataclasses import dataclass

from analysis.report.compare.alignment import keyed_rows
from analysis.report.compare.causes import Causes, counts_same_years
from analysis.report.compare.changed_numbers import as_number
from analysis.report.compare.exhibit_changes import ComparedExhibit, interval_columns

# The points of a curve are not so many intervals, but one.
CURVE = "time_days"
SAME_YEARS, ANOTHER_YEAR, NEXT_YEAR = "same_years", "another_year", "next_year"

# Lower and upper limit as published before, and the estimate as published after.
Trial = tuple[str, str, str]


@dataclass(frozen=True)
class Backtest:
    """How many intervals of an exhibit of the earlier edition hold the later estimate.

    ``kind`` is ``"same_years"`` (the same years counted again), ``"another_year"`` (the same strata over other years,
    most of them shared) or ``"next_year"`` (the last year's interval, and the year after it).
    """

    exhibit: ComparedExhibit
    quantity: str
    kind: str
    intervals: int
    holding: int


def backtests(exhibits: Iterable[ComparedExhibit], causes: Causes) -> list[Backtest]:
    """Hold the intervals of each exhibit against the estimates of the later edition; the same data once."""
    tests, seen = [], set()
    for exhibit in exhibits:
        # A figure and its table often show the same rows, which are one trial and not two.
        rows = (exhibit.now.columns, exhibit.now.rows)
        if CURVE in exhibit.strata or rows in seen:
            continue
        seen.add(rows)
        kind = SAME_YEARS if counts_same_years(exhibit.strata, causes) else ANOTHER_YEAR
        for quantity, limits in interval_columns(exhibit.was.columns).items():
            if {quantity, *limits} <= set(exhibit.now.columns):
                shared = _shared(exhibit, quantity, limits)
                following = _following(exhibit, quantity, limits)
                tests.append(_tested(exhibit, quantity, kind, shared))
                tests.append(_tested(exhibit, quantity, NEXT_YEAR, following))
    return [test for test in tests if test.intervals]


def _tested(exhibit: ComparedExhibit, quantity: str, kind: str, trials: list[Trial]) -> Backtest:
    numbers = [tuple(as_number(text) for text in trial) for trial in trials]
    # Of a withheld or inestimable number nothing can be said.
    complete = [trial for trial in numbers if None not in trial]
    holding = sum(lower <= later <= upper for lower, upper, later in complete)
    return Backtest(exhibit, quantity, kind, len(complete), holding)


def _shared(exhibit: ComparedExhibit, quantity: str, limits: tuple[str, str]) -> list[Trial]:
    later = dict(keyed_rows(exhibit.now, exhibit.strata))
    return [
        (row[limits[0]], row[limits[1]], later[key][quantity])
        for key, row in keyed_rows(exhibit.was, exhibit.strata)
        if key in later
    ]


def _following(exhibit: ComparedExhibit, quantity: str, limits: tuple[str, str]) -> list[Trial]:
    """The interval of the last year in the earlier edition with the estimate of the year after it, in each stratum."""
    if "year" not in exhibit.strata:
        return []
    at = exhibit.strata.index("year")
    earlier, later = (
        {stratum: row for (stratum, _), row in keyed_rows(side, exhibit.strata)}
        for side in (exhibit.was, exhibit.now)
    )
    years = [int(stratum[at]) for stratum in earlier if stratum[at].isdecimal()]
    if not years:
        return []
    last, lower, upper = str(max(years)), *limits
    trials = []
    for stratum, row in earlier.items():
        after = later.get((*stratum[:at], str(max(years) + 1), *stratum[at + 1 :]))
        if stratum[at] == last and after:
            trials.append((row[lower], row[upper], after[quantity]))
    return trials
