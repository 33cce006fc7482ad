"""Whose trend is it: age, period and cohort, as far as they can be told apart."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import gammaincc

from analysis.estimates.intervals.confidence import normal_quantile
from analysis.estimates.trends.age_period_cohort_model import (
    EFFECTS,
    fit_curvatures,
    lexis_cells,
    lexis_rows,
    rise_in_deviance,
)
from analysis.estimates.trends.loglinear import percent_change, total_cases, widening
from analysis.strata import each_stratum

# Weights of the slopes of age and period: no other sums of them are the same in every model.
TRENDS = {
    "net drift": [0, 1],
    "longitudinal age trend": [1, 1],
    "cross-sectional age trend": [1, 0],
}


def age_period_cohort(
    counts: pd.DataFrame, by: Sequence[str] = (), *, confidence: float = 0.95
) -> pd.DataFrame:
    """How each age, period and birth cohort departs from its straight line: what no choice of trends can change.

    .. math:: \\log E(d_{ap}) = \\log Y_{ap} + \\mu + \\beta a + \\delta p
        + \\tilde\\alpha_a + \\tilde\\pi_p + \\tilde\\gamma_{p-a}

    Reads ``cases`` (d, a count), ``person_years`` (Y, years), the columns of ``by``, ages (``age_group``,
    ``age_at_diagnosis`` or ``age``) and ``year`` or ``period`` of the same width; adds ``deviation``,
    ``standard_error``, ``lower`` and ``upper`` (of the log rate).

    Parameters
    ----------
    counts
        One row a stratum, age and period, as ``rate_table`` gives it; further rows are added up.
    by
        Stratum columns; empty for the whole.
    confidence
        Coverage of the interval.

    Returns
    -------
    pandas.DataFrame
        ``by… effect value deviation standard_error lower upper``: one row a stratum, effect (``age``, ``period``,
        ``cohort``) and level. ``value`` is the first year of an age group or period, and the central year of birth of
        a cohort. A deviation of 0.1 is a rate 10 % above the line. Missing for a level without a case, and for all
        levels with fewer than three ages or periods, or where cases are too few to fit the model.

    Raises
    ------
    MissingStepError
        A column is not there.
    InputError
        Ages or periods that are missing, unreadable, open-ended or not all equally wide; a count missing or negative.

    Notes
    -----
    Cohort is period less age, so the three straight lines cannot be told apart, in any model; ``net_drift`` has the
    sums that can. Deviations are orthogonal to constant and line, each cell weighing by its person-years, as by default
    in R's ``Epi::apc.fit``; with them all lie on these scales whatever is chosen for the lines. Standard errors are
    widened by the root of the dispersion where that is above 1.

    References
    ----------
    Holford. Biometrics 1983;39:311–324. Clayton, Schifflers. Stat Med 1987;6:469–481. Carstensen. Stat Med
    2007;26:3018–3045.

    Examples
    --------
    >>> grid = pd.MultiIndex.from_product([range(3), range(2001, 2005)], names=["age", "year"]).to_frame(index=False)
    >>> counts = grid.assign(cases=[10, 12, 9, 14, 20, 18, 25, 22, 11, 13, 12, 15], person_years=1e5)
    >>> age_period_cohort(counts).round(2).iloc[:3][["effect", "value", "deviation", "standard_error"]]
      effect  value  deviation  standard_error
    0    age      0       -0.2            0.06
    1    age      1        0.4            0.11
    2    age      2       -0.2            0.06
    """
    z = normal_quantile(confidence)
    rows = lexis_rows(counts, by)
    return each_stratum(rows, by, lambda stratum: _deviations(stratum, z))


def net_drift(
    counts: pd.DataFrame, by: Sequence[str] = (), *, confidence: float = 0.95
) -> pd.DataFrame:
    """The trends that an age–period–cohort model can tell: net drift, and the two age trends that differ by it.

    Reads what ``age_period_cohort`` reads; adds ``annual_percent_change``, ``lower`` and ``upper`` (per cent a year).

    Parameters
    ----------
    counts
        One row a stratum, age and period, as ``rate_table`` gives it.
    by
        Stratum columns; empty for the whole.
    confidence
        Coverage of the interval.

    Returns
    -------
    pandas.DataFrame
        ``by… trend cases annual_percent_change lower upper p_value dispersion``, three rows a stratum: ``"net drift"``
        (the linear trend of period and cohort together), ``"longitudinal age trend"`` (per year of age within a birth
        cohort) and ``"cross-sectional age trend"`` (per year of age within a period). Missing as in
        ``age_period_cohort``.

    Raises
    ------
    MissingStepError, InputError
        As ``age_period_cohort``.

    Notes
    -----
    In the notation of Holford, with linear slopes of age, period and cohort: net drift is period + cohort, longitudinal
    age + period, cross-sectional age − cohort. The value depends on the weights that make deviations orthogonal to
    their lines; here person-years. ``annual_percent_change`` is the drift of the model without curvatures of period and
    cohort, and differs from it where these are large.

    References
    ----------
    Holford. Biometrics 1983;39:311–324. Clayton, Schifflers. Stat Med 1987;6:469–481.

    Examples
    --------
    >>> grid = pd.MultiIndex.from_product([range(3), range(2001, 2005)], names=["age", "year"]).to_frame(index=False)
    >>> counts = grid.assign(cases=[10, 12, 9, 14, 20, 18, 25, 22, 11, 13, 12, 15], person_years=1e5)
    >>> net_drift(counts).round(1)[["trend", "annual_percent_change", "lower", "upper"]]
                           trend  annual_percent_change  lower  upper
    0                  net drift                    7.8   -5.8   23.3
    1     longitudinal age trend                   13.9  -11.3   46.2
    2  cross-sectional age trend                    5.7  -13.9   29.7
    """
    normal_quantile(confidence)
    rows = lexis_rows(counts, by)
    return each_stratum(rows, by, lambda stratum: _trends(stratum, confidence))


def age_period_cohort_tests(counts: pd.DataFrame, by: Sequence[str] = ()) -> pd.DataFrame:
    """Whether ages, periods and cohorts depart from straight lines by more than chance.

    Reads what ``age_period_cohort`` reads; adds ``test_statistic``, ``degrees_of_freedom`` and ``p_value``.

    Parameters
    ----------
    counts
        One row a stratum, age and period, as ``rate_table`` gives it.
    by
        Stratum columns; empty for the whole.

    Returns
    -------
    pandas.DataFrame
        ``by… effect cases test_statistic degrees_of_freedom p_value dispersion``, one row a stratum and effect.
        Missing as in ``age_period_cohort``.

    Raises
    ------
    MissingStepError, InputError
        As ``age_period_cohort``.

    Notes
    -----
    The rise in deviance when the deviations of one effect are left out of the full model, the other two kept, divided
    by the dispersion where that is above 1; chi-square with the number of levels less two. In sparse tables (single
    years of age and few cases) read it as a rough guide.

    References
    ----------
    Clayton, Schifflers. Stat Med 1987;6:469–481.

    Examples
    --------
    >>> grid = pd.MultiIndex.from_product([range(3), range(2001, 2005)], names=["age", "year"]).to_frame(index=False)
    >>> counts = grid.assign(cases=[10, 12, 9, 14, 20, 18, 25, 22, 11, 13, 12, 15], person_years=1e5)
    >>> age_period_cohort_tests(counts).round(3)[["effect", "test_statistic", "degrees_of_freedom", "p_value"]]
       effect  test_statistic  degrees_of_freedom  p_value
    0     age          13.154                   1    0.000
    1  period           0.043                   2    0.979
    2  cohort           1.699                   4    0.791
    """
    rows = lexis_rows(counts, by)
    return each_stratum(rows, by, _tests)


def _deviations(rows: pd.DataFrame, z: float) -> pd.DataFrame:
    model = fit_curvatures(lexis_cells(rows))
    effects = []
    for effect in EFFECTS:
        # Levels without a case are printed too, without an estimate.
        levels = np.unique(rows.loc[rows["the_person_years"] > 0, f"the_{effect}"])
        estimated = pd.DataFrame({"deviation": np.nan, "standard_error": np.nan}, index=levels)
        if model:
            own = {"deviation": model.deviations[effect], "standard_error": model.errors[effect]}
            estimated = pd.DataFrame(own, index=model.levels[effect]).reindex(levels)
        effects.append(estimated.rename_axis("value").reset_index().assign(effect=effect))
    table = pd.concat(effects, ignore_index=True)
    margin = z * table["standard_error"]
    table = table.assign(lower=table["deviation"] - margin, upper=table["deviation"] + margin)
    return table.astype({"value": "int64"})[
        ["effect", "value", "deviation", "standard_error", "lower", "upper"]
    ]


def _trends(rows: pd.DataFrame, confidence: float) -> pd.DataFrame:
    model = fit_curvatures(lexis_cells(rows))
    trends = []
    for name, weights in TRENDS.items():
        slope = error = np.nan
        if model:
            slope = np.dot(weights, model.slopes)
            error = np.sqrt(weights @ model.slope_covariance @ weights)
        change = percent_change("annual_percent_change", slope, error, confidence)
        trends.append({"trend": name, "cases": total_cases(rows), **change})
    return pd.DataFrame(trends).assign(dispersion=model.dispersion if model else np.nan)


def _tests(rows: pd.DataFrame) -> pd.DataFrame:
    cells = lexis_cells(rows)
    model = fit_curvatures(cells)
    rise, freedom = np.full((2, len(EFFECTS)), np.nan)
    if model:
        rise = np.array([rise_in_deviance(cells, model, effect) for effect in EFFECTS])
        freedom = np.array([model.blocks[effect].shape[1] for effect in EFFECTS], dtype=float)
    dispersion = model.dispersion if model else np.nan
    statistic = rise / widening(dispersion)
    tests = pd.DataFrame(
        {"effect": EFFECTS, "cases": total_cases(rows), "test_statistic": statistic}
    )
    tests = tests.assign(degrees_of_freedom=freedom, p_value=gammaincc(freedom / 2, statistic / 2))
    return tests.assign(dispersion=dispersion).astype({"degrees_of_freedom": "Int64"})
