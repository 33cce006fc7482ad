"""A published edition as a backtest of the next: how many of its intervals hold the estimates that came after."""

from collections.abc import Iterable
from dataclasses import dataclass

from analysis.report.compare.alignment import keyed_rows
from analysis.report.compare.causes import Causes, is_tied
from analysis.report.compare.exhibit_changes import ComparedExhibit, as_number, limits_of

# The points of a curve are not so many intervals, but one.
CURVE = "time_days"
SAME_YEARS, ANOTHER_YEAR, NEXT_YEAR = "same_years", "another_year", "next_year"


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
    found, seen = [], set()
    for exhibit in exhibits:
        if CURVE in exhibit.strata or (exhibit.now.columns, exhibit.now.rows) in seen:
            continue
        seen.add((exhibit.now.columns, exhibit.now.rows))
        same = is_tied(exhibit.strata) or (causes.years == () and causes.closing == ())
        for quantity, limits in limits_of(exhibit.was.columns).items():
            if {quantity, *limits} <= set(exhibit.now.columns):
                shared = _shared(exhibit, quantity, limits)
                found.append(
                    _tested(exhibit, quantity, SAME_YEARS if same else ANOTHER_YEAR, shared)
                )
                found.append(
                    _tested(exhibit, quantity, NEXT_YEAR, _following(exhibit, quantity, limits))
                )
    return [one for one in found if one.intervals]


def _tested(exhibit: ComparedExhibit, quantity: str, kind: str, trials: list[tuple]) -> Backtest:
    numbers = [tuple(as_number(text) for text in trial) for trial in trials]
    told = [trial for trial in numbers if None not in trial]
    return Backtest(
        exhibit, quantity, kind, len(told), sum(lower <= now <= upper for lower, upper, now in told)
    )


def _shared(exhibit: ComparedExhibit, quantity: str, limits: tuple[str, str]) -> list[tuple]:
    later = dict(keyed_rows(exhibit.now, exhibit.strata))
    return [
        (row[limits[0]], row[limits[1]], later[key][quantity])
        for key, row in keyed_rows(exhibit.was, exhibit.strata)
        if key in later
    ]


def _following(exhibit: ComparedExhibit, quantity: str, limits: tuple[str, str]) -> list[tuple]:
    """The interval of the last year in the earlier edition with the estimate of the year after it, in each stratum."""
    if "year" not in exhibit.strata:
        return []
    place = exhibit.strata.index("year")
    earlier, later = (
        {key[0]: row for key, row in keyed_rows(one, exhibit.strata)}
        for one in (exhibit.was, exhibit.now)
    )
    last = max((key[place] for key in earlier if key[place].isdecimal()), key=int, default="")
    trials = []
    for key in (key for key in earlier if key[place] == last):
        after = later.get((*key[:place], str(int(last) + 1), *key[place + 1 :]))
        if after:
            trials.append((earlier[key][limits[0]], earlier[key][limits[1]], after[quantity]))
    return trials
