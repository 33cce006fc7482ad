"""More than expected: indirect standardisation."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.estimates.intervals.exact_tests import mid_p_value, poisson_p_value
from analysis.estimates.intervals.of_counts import count_interval
from analysis.estimates.rates.ages import AGE_COLUMNS, age_bands, age_column, span, whole_numbers
from analysis.estimates.rates.crude_rates import checked_counts, refuse_repeated_person_years
from analysis.strata import number_strata, require_columns, strata_columns

MEASURES = ("cases", "person_years", "expected", "rate", "lower", "upper", "standard_error")
BAND, RATE = "band of ages", "rate of the reference"


def expected_cases(
    counts: pd.DataFrame,
    reference: pd.DataFrame,
    by: Sequence[str] | None = None,
    per: float = 1_000_000,
) -> pd.DataFrame:
    """The cases that each stratum would have had with the rates of a reference.

    .. math:: E = \\sum_a y_a \\frac{d^*_a}{y^*_a}

    Reads ``cases`` (a count) and ``person_years`` (years) of ``counts``; of the reference ``cases`` and
    ``person_years``, or ``rate``; and the strata that both tables have. Adds ``expected``.

    Parameters
    ----------
    counts
        One row a stratum, as ``rate_table`` gives it.
    reference
        A count table, or rates, by the strata that it shares with ``counts`` (age, sex, year, diagnosis …). A count
        table is added up over whatever else divides it; rates have one row for each of those strata. Its age groups
        may be wider than those of ``counts``: each takes the rate of the group that holds it.
    by
        Stratum columns of the result; empty for the whole, None for all strata of ``counts``.
    per
        Person-years that the rates of a reference are per, where the frame does not note that itself.

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
        An age group of ``counts`` that lies in none of the reference; rates with several rows a stratum; a diagnosis
        column that neither ``by`` nor the reference has, whose person-years would be counted several times.

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
    own = strata_columns(counts, MEASURES)
    by = own if by is None else list(by)
    require_columns(counts, by)
    shared = [column for column in own if column in reference.columns]
    refuse_repeated_person_years(counts[[*own, "cases", "person_years"]], [*by, *shared])
    rates = _rate_of_each_row(counts[own], reference, per)
    expected = np.where(person_years == 0, 0, person_years * rates)
    numbers, strata = number_strata(counts, by)
    totals = [np.bincount(numbers, values, minlength=len(strata)) for values in (cases, expected)]
    return strata.assign(cases=whole_numbers(totals[0]), expected=totals[1])


def _rate_of_each_row(strata: pd.DataFrame, reference: pd.DataFrame, per: float) -> np.ndarray:
    shared = [
        column
        for column in strata.columns
        if column in reference.columns and column not in AGE_COLUMNS
    ]
    # A categorical and plain text, or two kinds of integer, must meet as the same stratum.
    ours, theirs = strata[shared].astype(object), reference[shared].astype(object)
    if _has_ages(strata) and _has_ages(reference):
        our_band, their_band = _bands_that_meet(strata, reference)
        ours, theirs = ours.assign(**{BAND: our_band}), theirs.assign(**{BAND: their_band})
    if _is_counted(reference):
        divided = strata_columns(reference, MEASURES)
        refuse_repeated_person_years(reference[[*divided, "cases", "person_years"]], shared)
    numbers, keys = number_strata(theirs, list(theirs.columns))
    rates = _rates(reference, numbers, len(keys), per)
    if keys.columns.empty:
        return np.repeat(rates, len(strata))
    return ours.merge(keys.assign(**{RATE: rates}), on=list(keys.columns), how="left")[
        RATE
    ].to_numpy(dtype=float)


def _has_ages(table: pd.DataFrame) -> bool:
    return any(column in table.columns for column in AGE_COLUMNS)


def _is_counted(reference: pd.DataFrame) -> bool:
    return {"cases", "person_years"} <= set(reference.columns)


def _bands_that_meet(
    strata: pd.DataFrame, reference: pd.DataFrame
) -> tuple[np.ndarray, np.ndarray]:
    """The number of the reference's age band, for each row of both tables."""
    (bands, band), (their_bands, their_band) = age_bands(strata), age_bands(reference)
    holding = [
        next(
            (
                place
                for place, theirs in enumerate(their_bands)
                if theirs[0] <= first and last <= theirs[1]
            ),
            -1,
        )
        for first, last in bands
    ]
    faults = [
        f"{age_column(strata)}: {span(lost)} lies in no age group of the reference"
        for lost, place in zip(bands, holding, strict=True)
        if place < 0 and their_bands
    ]
    if faults:
        raise InputError("expected cases", faults)
    return np.array(holding, dtype=np.int64)[band], their_band


def _rates(reference: pd.DataFrame, numbers: np.ndarray, strata: int, per: float) -> np.ndarray:
    """The rate of the reference, per person-year, in each of its strata; missing without person-years."""
    if "rate" in reference.columns and not _is_counted(reference):
        if len(numbers) > strata:
            raise InputError(
                "reference", ["must have one row for each stratum that it shares with the counts"]
            )
        rates = np.full(strata, np.nan)
        rates[numbers] = reference["rate"].to_numpy(dtype=float, na_value=np.nan)
        return rates / reference.attrs.get("per", per)
    counted = checked_counts(reference)
    cases, person_years = (np.bincount(numbers, values, minlength=strata) for values in counted)
    return cases / np.where(person_years > 0, person_years, np.nan)


def standardised_incidence_ratio(
    counts: pd.DataFrame,
    reference: pd.DataFrame | None = None,
    by: Sequence[str] = (),
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
    cases, expected, strata = _observed_and_expected(counts, reference, by)
    lower, upper = count_interval(cases, confidence, interval)
    base = np.where(expected > 0, expected, np.nan)
    p_value = (mid_p_value if interval == "mid-p" else poisson_p_value)(cases, expected)
    table = strata.assign(
        cases=whole_numbers(cases), expected=expected, standardised_incidence_ratio=cases / base
    )
    return table.assign(lower=lower / base, upper=upper / base, p_value=p_value)


def _observed_and_expected(
    counts: pd.DataFrame, reference: pd.DataFrame | None, by: Sequence[str]
) -> tuple[np.ndarray, np.ndarray, pd.DataFrame]:
    if reference is not None:
        table = expected_cases(counts, reference, by)
        return (
            table["cases"].to_numpy(dtype=float),
            table["expected"].to_numpy(dtype=float),
            table[list(by)],
        )
    require_columns(counts, by)
    values = checked_counts(counts, ["cases", "expected"])
    numbers, strata = number_strata(counts, by)
    cases, expected = (np.bincount(numbers, column, minlength=len(strata)) for column in values)
    return cases, expected, strata
