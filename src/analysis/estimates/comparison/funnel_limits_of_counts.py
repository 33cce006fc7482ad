"""Is a small unit out of line: its result beside the limits that chance alone sets at its size."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.errors import raise_faults
from analysis.estimates.comparison.cross_tabulation import compared_columns
from analysis.estimates.intervals.confidence import require_choice
from analysis.estimates.rates.crude_rates import note_unit, refuse_repeated_person_years
from analysis.strata import number_strata, require_columns

if TYPE_CHECKING:
    from scipy.stats._distn_infrastructure import rv_frozen

# Numerator, denominator and distribution of each measure, in the order in which a table is asked for them.
MEASURES = {
    "share": ("met", "eligible", "binom"),
    "ratio": ("cases", "expected", "poisson"),
    "rate": ("cases", "person_years", "poisson"),
}
LEVELS = {"95": 0.95, "998": 0.998}
CONVENTIONS = ("exact", "spiegelhalter")


def funnel_limits(
    counts: pd.DataFrame,
    between: str | Sequence[str] = "region",
    *,
    by: Sequence[str] = (),
    target: float | None = None,
    per: float = 1_000_000,
    limits: str = "exact",
) -> pd.DataFrame:
    """Each unit's result beside the overall one, with the 95 % and 99.8 % limits at the unit's own size.

    .. math:: y_{lower} = \\frac{r_p - \\alpha_p}{n}, \\quad y_{upper} = \\frac{r_p - \\alpha_p + 1}{n}, \\quad
              \\alpha_p = \\frac{F(r_p) - p}{F(r_p) - F(r_p - 1)}

    with n the unit's size, F the distribution of its count if it were like the whole (Poisson with mean n times the
    overall rate or ratio, or binomial with n and the overall share), and :math:`r_p` the smallest count with
    :math:`F(r_p) \\ge p`. Reads ``met`` and ``eligible`` (a share), else ``cases`` and ``expected`` (a ratio), else
    ``cases`` and ``person_years`` (a rate), with the columns of ``between`` and ``by``.

    Parameters
    ----------
    counts
        One row a unit and stratum; further rows are added up.
    between
        The column that names a unit (a region, a hospital), or several together.
    by
        Stratum columns, each with a funnel of its own.
    target
        What units are held against: a rate (per ``per``), share (0–1) or ratio; left out, that of all units of the
        stratum together. For a ratio to national rates it is 1.
    per
        Person-years that a rate is expressed in.
    limits
        ``"exact"``: as above. A count lies beyond an upper limit where so many or more, and beyond a lower one where
        so few or fewer, have a probability below 2.5 % (0.1 %) at the overall result; limits stand between whole
        counts by proportion. ``"spiegelhalter"``: as he published them, without the 1 in the upper limits.

    Returns
    -------
    pandas.DataFrame
        ``by… <between>``, the two counts, ``rate``, ``share`` or ``ratio``, ``overall lower_95 upper_95 lower_998
        upper_998 beyond``, units in reading order. ``beyond`` is ``"none"``, ``"95"`` or ``"99.8"``: the widest limits
        that the unit lies outside. Result, limits and ``beyond`` are missing for a unit without size.

    Raises
    ------
    MissingStepError
        A column is not there.
    InputError
        Counts that are missing, negative or no whole numbers, or more met than eligible; limits that are not known.

    Notes
    -----
    The published formula interpolates the probability of a count *or fewer* on both sides. Above, a count then lies
    outside as soon as what lies beyond it is rare, however common it is itself: 7 of 7 would be above the 99.8 % limit
    of an overall 83 %, though it happens by chance 27 % of the time. It is kept to redraw a published funnel;
    ``beyond`` follows the exact limits always, which chance crosses at most 2.5 % (0.1 %) of the time on either side.
    One unit in twenty lies outside 95 % by chance at most. The overall result holds the unit itself, which matters
    where one unit is most of the whole. Differences of case-mix and registration make counts vary more than by chance.

    References
    ----------
    Spiegelhalter. Funnel plots for comparing institutional performance. Stat Med 2005;24:1185–1202, appendix A.1.

    Examples
    --------
    >>> counts = pd.DataFrame({"region": ["Vest", "Nord", "Midt-Norge"], "met": [90, 38, 70],
    ...     "eligible": [100, 60, 80]})
    >>> funnel_limits(counts)[["region", "share", "overall", "lower_95", "upper_95", "beyond"]].round(3)
           region  share  overall  lower_95  upper_95 beyond
    0        Vest  0.900    0.825     0.742     0.901   none
    1  Midt-Norge  0.875    0.825     0.731     0.911   none
    2        Nord  0.633    0.825     0.716     0.925   99.8
    """
    units = _added_up(counts, compared_columns(between, by), by)
    measure, size = units.measure, units.size
    # A share and a ratio are per nothing.
    scale = per if measure == "rate" else 1
    overall = _overall(units, by, None if target is None else target / scale)
    result = units.observed / np.where(size > 0, size, np.nan)
    shown = {measure: result, "overall": overall, **_limits_at(size, overall, measure, limits)}
    beyond = _beyond(result, _limits_at(size, overall, measure, "exact"))
    rescaled = {name: scale * values for name, values in shown.items()}
    return note_unit(units.table.assign(**_counted(units), **rescaled, beyond=beyond), per)


@dataclass(frozen=True)
class Units:
    """Units and strata (``table``), what was observed in each, and its size."""

    measure: str
    table: pd.DataFrame
    observed: np.ndarray
    size: np.ndarray


def _added_up(counts: pd.DataFrame, units: Sequence[str], by: Sequence[str]) -> Units:
    measure = _measure_of(counts)
    checked = _checked(counts, measure)
    if measure == "rate":
        refuse_repeated_person_years(counts, [*by, *units])
    numbers, table = number_strata(counts, [*by, *units])
    sums = (np.bincount(numbers, values, minlength=len(table)) for values in checked)
    return Units(measure, table, *sums)


def _counted(units: Units) -> dict[str, np.ndarray]:
    numerator, denominator, _ = MEASURES[units.measure]
    # Those eligible are children; what is expected, and person-years, need not be whole numbers.
    whole_size = units.size.astype(np.int64) if units.measure == "share" else units.size
    return {numerator: units.observed.astype(np.int64), denominator: whole_size}


def funnel_curve(
    sizes: Sequence[float],
    target: float,
    *,
    measure: str = "rate",
    per: float = 1_000_000,
    limits: str = "exact",
) -> pd.DataFrame:
    """The limits of ``funnel_limits`` over a grid of sizes, from which the funnel is drawn.

    Parameters
    ----------
    sizes
        Person-years, eligible children, or expected cases. A share has limits at whole numbers of children.
    target
        The overall rate (per ``per``), share (0–1) or ratio.
    measure
        ``"rate"``, ``"share"`` or ``"ratio"``.
    per, limits
        As for ``funnel_limits``.

    Returns
    -------
    pandas.DataFrame
        ``person_years`` (or ``eligible``, or ``expected``) ``overall lower_95 upper_95 lower_998 upper_998``, one row a
        size, as given; limits are missing at size 0.

    Raises
    ------
    InputError
        A measure or limits that are not known.

    Examples
    --------
    >>> funnel_curve([10, 100], target=0.8, measure="share").round(3)
       eligible  overall  lower_95  upper_95  lower_998  upper_998
    0        10      0.8     0.471      1.00      0.302      1.000
    1       100      0.8     0.714      0.88      0.663      0.919
    """
    require_choice("measure of a funnel", measure, MEASURES)
    scale = per if measure == "rate" else 1
    size = np.asarray(sizes, dtype=float)
    overall = np.full(len(size), target / scale)
    columns = {"overall": overall, **_limits_at(size, overall, measure, limits)}
    rescaled = {name: scale * values for name, values in columns.items()}
    return pd.DataFrame({MEASURES[measure][1]: sizes, **rescaled})


def _measure_of(counts: pd.DataFrame) -> str:
    for measure, (numerator, denominator, _) in MEASURES.items():
        if {numerator, denominator} <= set(counts.columns):
            return measure
    require_columns(counts, ["cases", "person_years"])
    return "rate"


def _checked(counts: pd.DataFrame, measure: str) -> tuple[np.ndarray, np.ndarray]:
    numerator, denominator, _ = MEASURES[measure]
    observed, size = (
        counts[name].to_numpy(dtype=float, na_value=np.nan) for name in (numerator, denominator)
    )
    whole = (observed >= 0) & (observed % 1 == 0)
    rules = {
        f"{numerator}: must be filled with whole numbers, 0 or more": ~whole,
        f"{denominator}: must be filled, 0 or more": ~((size >= 0) & np.isfinite(size)),
    }
    if measure == "share":
        rule = "eligible: must be whole numbers, and no fewer than met"
        rules[rule] = (size % 1 != 0) | (observed > size)
    raise_faults("funnel", rules)
    return observed, size


def _overall(units: Units, by: Sequence[str], target: float | None) -> np.ndarray:
    """What each unit is held against: the target, or the result of all units of its stratum together."""
    if target is not None:
        return np.full(len(units.table), target)
    numbers, strata = number_strata(units.table, by)
    observed, size = (
        np.bincount(numbers, values, minlength=len(strata))
        for values in (units.observed, units.size)
    )
    return (observed / np.where(size > 0, size, np.nan))[numbers]


def _limits_at(
    size: np.ndarray, overall: np.ndarray, measure: str, limits: str
) -> dict[str, np.ndarray]:
    from scipy import stats

    require_choice("limits of a funnel", limits, CONVENTIONS)
    size = np.where((size > 0) & ~np.isnan(overall), size, np.nan)
    law = getattr(stats, MEASURES[measure][2])
    count = law(size, overall) if measure == "share" else law(size * overall)
    # A count lies beyond the upper limit only where so many or more are rare, hence one more.
    more = 1 if limits == "exact" else 0
    most = size if measure == "share" else np.inf
    columns = {}
    for name, level in LEVELS.items():
        lower = _interpolated(count, 0.5 - level / 2)
        upper = _interpolated(count, 0.5 + level / 2) + more
        columns[f"lower_{name}"] = np.clip(lower, 0, most) / size
        columns[f"upper_{name}"] = np.clip(upper, 0, most) / size
    return columns


def _interpolated(count: "rv_frozen", probability: float) -> np.ndarray:
    """The count below which a probability lies, between whole counts by proportion."""
    reached = count.ppf(probability)
    with np.errstate(invalid="ignore"):
        return reached - (count.cdf(reached) - probability) / count.pmf(reached)


def _beyond(result: np.ndarray, limits: dict[str, np.ndarray]) -> np.ndarray:
    outside = {
        name: (result < limits[f"lower_{name}"]) | (result > limits[f"upper_{name}"])
        for name in LEVELS
    }
    # The widest limits that the unit lies outside name the verdict.
    verdict = np.where(outside["998"], "99.8", np.where(outside["95"], "95", "none")).astype(object)
    return np.where(np.isnan(limits["lower_95"]) | np.isnan(result), None, verdict)
