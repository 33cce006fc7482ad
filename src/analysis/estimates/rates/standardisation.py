"""Rates made comparable: directly standardised for age."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from analysis.estimates.intervals.of_counts import check_weighted_interval, weighted_sum
from analysis.estimates.rates.ages import (
    CountsByAge,
    counts_by_age,
    span,
    whole_numbers,
    within_ages,
)
from analysis.estimates.rates.crude_rates import note_unit
from analysis.estimates.rates.standard_populations import Standard, band_weights
from analysis.strata import number_strata, require_list

AGE_PANEL = "age_panel"
PER = 1_000_000


@within_ages
def age_standardised_rate(
    counts: pd.DataFrame,
    standard: Standard = "world-1960",
    by: Sequence[str] = (),
    *,
    per: float = 1_000_000,
    interval: str = "fay-feuer",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """The rate that the standard population would have with the age-specific rates of each stratum.

    .. math:: rate = per \\sum_a w_a \\frac{d_a}{y_a}, \\quad var = per^2 \\sum_a w_a^2 \\frac{d_a}{y_a^2}

    Reads ``cases`` (a count), ``person_years`` (years), the columns of ``by`` and the age: ``age_group`` (completed
    years, ``"0"``, ``"1-4"``, ``"15–17"``) or single years in ``age_at_diagnosis`` or ``age``. Adds ``rate``,
    ``lower`` and ``upper`` (cases per ``per`` person-years).

    Parameters
    ----------
    counts
        One row a stratum and age, as ``rate_table`` gives it; rows of one age are added up.
    standard
        A standard population by name (see ``standard_weights``); or weights of your own, as a table (``age_from age_to
        weight``, an open last group without ``age_to``; or ``age_group weight``) or as ``{age group: weight}``. Only
        their proportions matter, and they must cover the ages of the table.
    by
        Stratum columns; empty for the whole.
    per
        Person-years that the rate is expressed in.
    interval
        ``"fay-feuer"`` (gamma), ``"tiwari"`` (modified gamma), ``"dobson"``, ``"normal"`` or ``"log-normal"``.
    confidence
        Coverage of the interval.
    ages
        First and last completed year, as in ``(0, 14)``, both included; None for all ages of the table.

    Returns
    -------
    pandas.DataFrame
        ``by… cases person_years rate lower upper``, strata in reading order. Rate and interval are missing where an
        age of the table is absent from a stratum, or without person-years there.

    Raises
    ------
    MissingStepError
        A column is not there.
    InputError
        An unknown standard or interval; weights that are missing, negative, overlap or leave an age of the table
        out; an age group that is missing, unreadable, overlaps another or straddles an end of ``ages``, or ages that
        the table lacks; a diagnosis column outside ``by``, whose person-years would be counted several times.

    Notes
    -----
    The weight of a five-year group of the standard is spread evenly over its single years, so that any age group gets
    its share (15–17 gets three fifths of 15–19); weights are then rescaled to the ages in the whole table, or in each
    ``age_panel`` where that is a stratum, since panels have different ages. A rate of
    0–17 is therefore standardised to no published truncation: print the choice. With no case the lower limit is 0;
    the upper one is undefined, hence missing, for ``"dobson"``, ``"normal"`` and ``"log-normal"``. Tiwari's
    modification changes the upper limit alone: its lower limit is that of Fay and Feuer.

    References
    ----------
    Fay, Feuer. Stat Med 1997;16:791–801. Tiwari, Clegg, Zou. Stat Methods Med Res 2006;15:547–569. Dobson, Kuulasmaa,
    Eberle, Scherer. Stat Med 1991;10:457–462. Breslow, Day. Statistical Methods in Cancer Research II, 1987, p. 58.

    Examples
    --------
    >>> counts = pd.DataFrame({
    ...     "age_group": ["0-4", "5-9", "10-14"], "cases": [40, 25, 20], "person_years": [200_000, 210_000, 220_000],
    ... })
    >>> age_standardised_rate(counts).round(1)
       cases  person_years   rate  lower  upper      per
    0     85      630000.0  142.2  113.3  176.6  1000000
    """
    check_weighted_interval(interval, confidence)

    def standardised(rows: pd.DataFrame) -> pd.DataFrame:
        by_age = counts_by_age(rows, by)
        weight = case_weight(standard, by_age.bands, by_age.person_years)
        rate, lower, upper = weighted_sum(by_age.cases, weight, interval, confidence)
        return by_age.totals().assign(rate=per * rate, lower=per * lower, upper=per * upper)

    return note_unit(_in_each_panel(counts, by, standardised), per)


def _in_each_panel(
    counts: pd.DataFrame, by: Sequence[str], quantity: Callable[[pd.DataFrame], pd.DataFrame]
) -> pd.DataFrame:
    """The quantity within each age panel, where that is a stratum: panels overlap and differ in their ages."""
    require_list("by", by)
    if AGE_PANEL not in by or counts.empty:
        return quantity(counts)
    panels = [quantity(panel) for _, panel in counts.groupby(AGE_PANEL, sort=False, observed=True)]
    stacked = pd.concat(panels, ignore_index=True)
    # Panels were computed one by one: put strata back into reading order.
    order = np.argsort(number_strata(stacked, by)[0], kind="stable")
    return stacked.iloc[order].reset_index(drop=True)


def case_weight(standard: Standard, bands: Sequence, person_years: np.ndarray) -> np.ndarray:
    """What one case of each stratum (row) and age (column) adds to the standardised rate: weight over person-years."""
    weights = band_weights(standard, bands)
    # An age of weight 0 adds nothing, whether or not anyone was observed at it.
    return np.where(weights > 0, weights / np.where(person_years > 0, person_years, np.nan), 0)


@within_ages
def age_contributions(
    counts: pd.DataFrame,
    standard: Standard = "world-1960",
    by: Sequence[str] = (),
    *,
    per: float = 1_000_000,
) -> pd.DataFrame:
    """What each age contributes to the age-standardised rate of its stratum.

    .. math:: rate_a = per \\frac{d_a}{y_a}, \\quad c_a = per \\frac{w_a}{y_a}, \\quad
              share_a = \\frac{c_a d_a}{\\sum_b c_b d_b}

    Reads what ``age_standardised_rate`` reads. Adds ``weight`` (0–1, the share of the standard population),
    ``rate`` (cases per ``per`` person-years at this age), ``case_weight`` (what one case adds to the standardised
    rate) and ``share`` (0–1, of the standardised rate).

    Parameters
    ----------
    counts
        One row a stratum and age, as ``rate_table`` gives it; rows of one age are added up.
    standard
        A standard population by name, or weights of your own, as in ``age_standardised_rate``.
    by
        Stratum columns; empty for the whole.
    per
        Person-years that the rates are expressed in.
    ages
        First and last completed year, both included; None for all ages of the table.

    Returns
    -------
    pandas.DataFrame
        ``by… age_group cases person_years weight rate case_weight share``, one row a stratum and age, strata in
        reading order and ages from the youngest. ``case_weight`` times ``cases`` adds up to the standardised rate.

    Raises
    ------
    MissingStepError
        A column is not there.
    InputError
        As ``age_standardised_rate``.

    Notes
    -----
    A single case that carries much of a rate is seen here: in small strata ``case_weight`` at an age with few
    person-years is large. Without person-years at an age its rate is missing; where the standardised rate is 0 or
    missing, so is every share.

    References
    ----------
    Breslow, Day. Statistical Methods in Cancer Research II, 1987, p. 58.

    Examples
    --------
    >>> counts = pd.DataFrame({"age_group": ["0-4", "5-9"], "cases": [40, 20], "person_years": [2e5, 2e5]})
    >>> age_contributions(counts).round(3)
      age_group  cases  person_years  weight   rate  case_weight  share      per
    0       0-4     40      200000.0   0.545  200.0        2.727  0.706  1000000
    1       5-9     20      200000.0   0.455  100.0        2.273  0.294  1000000
    """

    def contributions(rows: pd.DataFrame) -> pd.DataFrame:
        by_age = counts_by_age(rows, by)
        each = case_weight(standard, by_age.bands, by_age.person_years)
        person_years = by_age.person_years
        with np.errstate(all="ignore"):
            rate = by_age.cases / np.where(person_years > 0, person_years, np.nan)
            added = each * by_age.cases
            share = added / added.sum(axis=1, keepdims=True)
        return _strata_and_ages(by_age).assign(
            cases=whole_numbers(by_age.cases.ravel()),
            person_years=person_years.ravel(),
            weight=np.tile(band_weights(standard, by_age.bands), len(by_age.strata)),
            rate=per * rate.ravel(),
            case_weight=per * each.ravel(),
            share=share.ravel(),
        )

    return note_unit(_in_each_panel(counts, by, contributions), per)


def _strata_and_ages(by_age: CountsByAge) -> pd.DataFrame:
    """A row a stratum and age."""
    spans = np.array([span(band) for band in by_age.bands], dtype=object)
    strata = by_age.strata
    table = strata.loc[strata.index.repeat(len(spans))].reset_index(drop=True)
    return table.assign(age_group=np.tile(spans, len(strata)))
