"""More than expected: indirect standardisation."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.estimates.intervals.exact_tests import mid_p_value, poisson_p_value
from analysis.estimates.intervals.of_counts import count_interval
from analysis.estimates.rates.ages import (
    AGE_COLUMNS,
    OLDEST_AGE,
    Band,
    age_bands,
    age_column,
    span,
    whole_numbers,
)
from analysis.estimates.rates.crude_rates import (
    MEASURED,
    checked_counts,
    refuse_repeated_person_years,
)
from analysis.estimates.rates.mortality_rates import read_mortality_rates
from analysis.strata import number_strata, require_columns, require_list, strata_columns

# Names that no stratum has: the two tables are merged on the strata that they share.
BAND, RATE = "band of ages", "rate of the reference"


def expected_cases(
    counts: pd.DataFrame,
    reference: pd.DataFrame,
    by: Sequence[str] | None = None,
    *,
    per: float | None = None,
) -> pd.DataFrame:
    """The cases that each stratum would have had with the rates of a reference.

    .. math:: E = \\sum_a y_a \\frac{d^*_a}{y^*_a}

    Reads ``cases`` (a count) and ``person_years`` (years) of ``counts``; of the reference ``cases`` and
    ``person_years``, or ``rate``, or ``mortality_rate``; and the strata that both tables have. Adds ``expected``.

    Parameters
    ----------
    counts
        One row a stratum, as ``rate_table`` gives it.
    reference
        A count table, or rates, by the strata that it shares with ``counts`` (age, sex, year, diagnosis …). A count
        table is added up over whatever else divides it; rates have one row for each of those strata. Its age groups
        may be wider than those of ``counts``: each takes the rate of the group that holds it. Or a life table, whose
        ``mortality_rate`` is a year's hazard of one person: expected deaths, then. Years before its first and after
        its last one take theirs, as in ``net_survival``.
    by
        Stratum columns of the result; empty for the whole, None for all strata of ``counts``.
    per
        Person-years that the rates of a reference are per, where the table does not say so itself (``per``).

    Returns
    -------
    pandas.DataFrame
        ``by… cases expected``, one row a stratum, in reading order. Expected cases are missing where person-years are
        found in a stratum for which the reference has no rate.

    Raises
    ------
    MissingStepError
        A column is not there.
    InputError
        An age group of ``counts`` that lies in none of the reference; rates with several rows a stratum, or of which
        nothing says what they are per; a diagnosis column that neither ``by`` nor the reference has, whose person-years
        would be counted several times.

    Notes
    -----
    A reference that holds the population itself draws the ratio towards 1; leave the column out (the country, say)
    over which the reference shall be added up.

    References
    ----------
    Breslow, Day. Statistical Methods in Cancer Research II, 1987, chapter 2.

    Examples
    --------
    >>> counts = pd.DataFrame({"age_group": ["0-4", "5-9"], "cases": [9, 2], "person_years": [40_000, 45_000]})
    >>> reference = pd.DataFrame({"age_group": ["0-4", "5-9"], "cases": [200, 110], "person_years": [1e6, 1.1e6]})
    >>> expected_cases(counts, reference)
      age_group  cases  expected
    0       0-4      9       8.0
    1       5-9      2       4.5
    """
    cases, person_years = checked_counts(counts)
    own = strata_columns(counts, MEASURED)
    by = own if by is None else by
    require_list("by", by)
    require_columns(counts, by)
    rates_of_reference = _read_reference(reference, counts, per)
    shared = [column for column in own if column in reference.columns]
    refuse_repeated_person_years(counts[[*own, "cases", "person_years"]], [*by, *shared])
    rates = _rate_of_each_row(counts[own], rates_of_reference)
    # Nothing is expected where nobody was observed, even at an age that the reference lacks.
    expected = np.where(person_years == 0, 0, person_years * rates)
    numbers, strata = number_strata(counts, by)
    totals = [np.bincount(numbers, values, minlength=len(strata)) for values in (cases, expected)]
    return strata.assign(cases=whole_numbers(totals[0]), expected=totals[1])


def _read_reference(
    reference: pd.DataFrame, counts: pd.DataFrame, per: float | None
) -> pd.DataFrame:
    """The strata of a reference, with ``cases`` and ``person_years``, or else with a ``rate`` a person-year."""
    strata = reference[strata_columns(reference, MEASURED)]
    if "mortality_rate" in reference.columns:
        return _rates_of_life_table(reference, counts)
    if {"cases", "person_years"} <= set(reference.columns):
        return reference[[*strata.columns, "cases", "person_years"]]
    require_columns(reference, ["cases", "person_years"] if "rate" not in reference else ["rate"])
    rate = reference["rate"].to_numpy(dtype=float, na_value=np.nan)
    return strata.assign(rate=rate / _person_years_of_rates(reference, per))


def _person_years_of_rates(reference: pd.DataFrame, per: float | None) -> np.ndarray | float:
    if "per" in reference.columns:
        return reference["per"].to_numpy(dtype=float, na_value=np.nan)
    if per is None:
        fault = "per: say how many person-years its rates are per, as in per=1_000_000"
        raise InputError("reference", [fault])
    return per


def _rates_of_life_table(life_table: pd.DataFrame, counts: pd.DataFrame) -> pd.DataFrame:
    """A rate of each place, year of the counts and age of a life table, its oldest age open."""
    table = read_mortality_rates(life_table)
    if "year" in counts.columns:
        years = np.unique(counts["year"].dropna().to_numpy(dtype=np.int64))
    elif table.rates.shape[1] == 1:
        years = np.array([table.first_year])
    else:
        raise InputError("reference", ["year: the life table has several, the counts have none"])
    rates = table.in_years(years)
    place_number, year, age = np.indices(rates.shape).reshape(3, -1)
    # The oldest age of a life table stands for all older ones, as in net survival.
    bands = [span(Band(first, first)) for first in range(table.first_age, table.last_age)]
    bands.append(span(Band(table.last_age, OLDEST_AGE)))
    ages = np.array(bands, dtype=object)
    strata = table.places.iloc[place_number].reset_index(drop=True)
    strata = strata.assign(age=ages[age], rate=rates.ravel())
    return strata.assign(year=years[year]) if "year" in counts.columns else strata


def _rate_of_each_row(strata: pd.DataFrame, reference: pd.DataFrame) -> np.ndarray:
    shared = [
        column
        for column in strata.columns
        if column in reference.columns and column not in AGE_COLUMNS
    ]
    # A categorical and plain text, or two kinds of integer, must meet as the same stratum.
    ours, theirs = strata[shared].astype(object), reference[shared].astype(object)
    if _have_ages(strata, reference):
        our_band, their_band = _bands_that_meet(strata, reference)
        ours, theirs = ours.assign(**{BAND: our_band}), theirs.assign(**{BAND: their_band})
    if "cases" in reference.columns:
        refuse_repeated_person_years(reference, shared)
    numbers, keys = number_strata(theirs, list(theirs.columns))
    rates = _rates(reference, numbers, len(keys))
    if keys.columns.empty:
        return np.repeat(rates, len(strata))
    met = ours.merge(keys.assign(**{RATE: rates}), on=list(keys.columns), how="left")
    return met[RATE].to_numpy(dtype=float)


def _have_ages(*tables: pd.DataFrame) -> bool:
    return all(set(AGE_COLUMNS) & set(table.columns) for table in tables)


def _bands_that_meet(
    strata: pd.DataFrame, reference: pd.DataFrame
) -> tuple[np.ndarray, np.ndarray]:
    """The number of the reference's age band, for each row of both tables."""
    bands, band = age_bands(strata)
    their_bands, their_band = age_bands(reference)
    holding = [
        next((number for number, theirs in enumerate(their_bands) if theirs.holds(ours)), -1)
        for ours in bands
    ]
    faults = [
        f"{age_column(strata)}: {span(ours)} lies in no age group of the reference"
        for ours, number in zip(bands, holding, strict=True)
        if number < 0 and their_bands
    ]
    if faults:
        raise InputError("expected cases", faults)
    return np.array(holding, dtype=np.int64)[band], their_band


def _rates(reference: pd.DataFrame, numbers: np.ndarray, strata: int) -> np.ndarray:
    """The rate of the reference, per person-year, in each of its strata; missing without person-years."""
    if "rate" not in reference.columns:
        counted = checked_counts(reference)
        cases, person_years = (np.bincount(numbers, size, minlength=strata) for size in counted)
        return cases / np.where(person_years > 0, person_years, np.nan)
    if len(numbers) > strata:
        fault = "must have one row for each stratum that it shares with the counts"
        raise InputError("reference", [fault])
    rates = np.full(strata, np.nan)
    rates[numbers] = reference["rate"].to_numpy(dtype=float)
    return rates


def standardised_incidence_ratio(
    counts: pd.DataFrame,
    reference: pd.DataFrame | None = None,
    by: Sequence[str] = (),
    *,
    per: float | None = None,
    interval: str = "exact",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Observed over expected cases, with interval and test, in each stratum.

    .. math:: SIR = \\frac{O}{E}, \\quad \\left[\\frac{L(O)}{E}, \\frac{U(O)}{E}\\right]

    with the limits L and U of a Poisson count. Reads ``cases`` (O, a count), the columns of ``by`` and ``expected``
    (E); or, with a reference, ``person_years`` (years) and the strata that both tables have. Adds
    ``standardised_incidence_ratio``, ``lower``, ``upper`` and ``p_value``.

    Parameters
    ----------
    counts
        One row a stratum; rows of one stratum of ``by`` are added up.
    reference
        What ``expected_cases`` takes the rates from; None where ``counts`` brings ``expected``.
    by
        Stratum columns; empty for the whole.
    per
        Person-years that the rates of a reference are per, as in ``expected_cases``.
    interval
        ``"exact"`` (Garwood), ``"mid-p"``, ``"byar"`` or ``"log-normal"``.
    confidence
        Coverage of the interval.

    Returns
    -------
    pandas.DataFrame
        ``by… cases expected standardised_incidence_ratio lower upper p_value``, one row a stratum, in reading order.

    Raises
    ------
    MissingStepError
        A column is not there; without a reference, ``expected`` among them.
    InputError
        A negative count; an interval that is not known; and as ``expected_cases``.

    Notes
    -----
    With nothing expected, or where a count lacks what was expected, nothing is estimated: ratio, limits and p value
    are missing. Expected cases are taken as known without error, which holds where the reference is much larger.
    The p value is two-sided: exact (all counts no more likely than that observed), or mid-P with ``"mid-p"``. The
    exact one may fall below 0.05 while the exact interval, which leaves half of the error on each side, holds 1.

    References
    ----------
    Breslow, Day. Statistical Methods in Cancer Research II, 1987, pp. 65–72. Garwood. Biometrika 1936;28:437–442.

    Examples
    --------
    >>> counts = pd.DataFrame({"region": ["Vest", "Nord"], "cases": [10, 0], "expected": [7.7, 0.5]})
    >>> standardised_incidence_ratio(counts, by=["region"]).round(2)
      region  cases  expected  standardised_incidence_ratio  lower  upper  p_value
    0   Vest     10       7.7                           1.3   0.62   2.39     0.37
    1   Nord      0       0.5                           0.0   0.00   7.38     1.00
    """
    sums = _observed_and_expected(counts, reference, by, per)
    cases, expected = (sums[name].to_numpy(dtype=float) for name in ("cases", "expected"))
    lower, upper = count_interval(cases, confidence, interval)
    # Nothing expected is no reference: a ratio to it would be infinite.
    base = np.where(expected > 0, expected, np.nan)
    p_value = (mid_p_value if interval == "mid-p" else poisson_p_value)(cases, expected)
    return sums.assign(
        standardised_incidence_ratio=cases / base,
        lower=lower / base,
        upper=upper / base,
        p_value=p_value,
    )


def _observed_and_expected(
    counts: pd.DataFrame, reference: pd.DataFrame | None, by: Sequence[str], per: float | None
) -> pd.DataFrame:
    if reference is not None:
        return expected_cases(counts, reference, by, per=per)
    require_list("by", by)
    require_columns(counts, by)
    values = checked_counts(counts, ["cases", "expected"])
    numbers, strata = number_strata(counts, by)
    cases, expected = (np.bincount(numbers, column, minlength=len(strata)) for column in values)
    return strata.assign(cases=whole_numbers(cases), expected=expected)
