"""How much more often: ratios of age-standardised rates."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtr

from analysis.errors import InputError
from analysis.estimates.intervals.confidence import normal_quantile, require_choice
from analysis.estimates.rates.ages import CountsByAge, counts_by_age, within_ages
from analysis.estimates.rates.crude_rates import note_unit, refuse_repeated_person_years
from analysis.estimates.rates.standard_populations import Standard
from analysis.estimates.rates.standardisation import PER, case_weight
from analysis.strata import number_strata, require_columns, require_list

# Not one level: each is compared with all the rest together.
OTHERS = "others"


@dataclass(frozen=True)
class ComparedRates:
    """What each stratum is compared with: cases and person-years by age; whether it is the reference itself."""

    cases: np.ndarray
    person_years: np.ndarray
    is_reference: np.ndarray


@within_ages
def standardised_rate_ratio(
    counts: pd.DataFrame,
    between: str,
    *,
    reference: object = OTHERS,
    by: Sequence[str] = (),
    standard: Standard = "world-1960",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """The age-standardised rate of each stratum over that of a reference, or over that of all the others.

    .. math:: SRR = \\frac{R_1}{R_0}, \\quad
              \\exp\\Big(\\log SRR \\pm z \\sqrt{\\frac{var(R_1)}{R_1^2} + \\frac{var(R_0)}{R_0^2}}\\Big)

    Reads what ``age_standardised_rate`` reads, and the column ``between``. Adds ``rate`` and ``reference_rate``
    (age-standardised, cases per million person-years), ``standardised_rate_ratio``, ``lower``, ``upper`` and
    ``p_value`` (two-sided).

    Parameters
    ----------
    counts
        One row a stratum and age, as ``rate_table`` gives it; rows of one age are added up.
    between
        The column whose strata are compared: ``"country"``.
    reference
        The stratum that the others are compared with, ``"NO"``; or ``"others"``: each with all the others together.
    by
        Further stratum columns, within which the comparison is made.
    standard
        A standard population by name, or weights of your own, as in ``age_standardised_rate``.
    confidence
        Coverage of the interval.
    ages
        First and last completed year, both included; None for all ages of the table.

    Returns
    -------
    pandas.DataFrame
        ``by… <between> cases person_years rate reference_rate standardised_rate_ratio lower upper p_value``, one row a
        stratum, in reading order. The reference itself has ratio 1, without limits or p value. Without a case in the
        stratum the ratio is 0, without limits; without one in the reference it is missing.

    Raises
    ------
    MissingStepError
        A column is not there.
    InputError
        The reference is not among the strata compared; ``between`` stands in ``by`` as well, or is a diagnosis and
        has no reference, as all diagnoses share their person-years; and as ``age_standardised_rate``.

    Notes
    -----
    The interval is log-normal, its variance by the delta method from Poisson counts, the two rates taken as
    independent. Others together are added up within each age and then standardised. With few cases the interval is
    approximate: read it beside ``cases``. Ratios of standardised rates depend on the standard; a ratio that is the
    same at all ages does not.

    References
    ----------
    Breslow, Day. Statistical Methods in Cancer Research II, 1987, pp. 58–65. Boyle, Parkin. In: Jensen et al., Cancer
    Registration: Principles and Methods, 1991, chapter 11.

    Examples
    --------
    >>> counts = pd.DataFrame({
    ...     "country": ["NO", "NO", "SE", "SE"], "age_group": ["0-4", "5-9"] * 2, "cases": [60, 40, 80, 50],
    ...     "person_years": [3e5, 3e5, 5e5, 5e5],
    ... })
    >>> ratios = standardised_rate_ratio(counts, "country", reference="NO")
    >>> ratios[["country", "cases", "standardised_rate_ratio", "lower", "upper"]].round(2)
      country  cases  standardised_rate_ratio  lower  upper
    0      NO    100                     1.00    NaN    NaN
    1      SE    130                     0.78    0.6   1.02
    """
    z = normal_quantile(confidence)
    _check_comparison(counts, between, reference, by)
    by_age = counts_by_age(counts, [*by, between])
    compared = _compared_with(by_age, between, reference, by)
    rate, error = _rate_and_error(by_age, by_age.cases, by_age.person_years, standard)
    other_rate, other_error = _rate_and_error(
        by_age, compared.cases, compared.person_years, standard
    )
    with np.errstate(all="ignore"):
        ratio = np.where(other_rate > 0, rate / other_rate, np.nan)
        # Without a case the logarithm has no standard error; the reference has none to itself.
        has_interval = (ratio > 0) & ~compared.is_reference
        error = np.where(has_interval, np.hypot(error, other_error), np.nan)
    table = by_age.totals().assign(
        rate=PER * rate,
        reference_rate=PER * other_rate,
        standardised_rate_ratio=ratio,
        **_log_normal(ratio, error, z),
    )
    return note_unit(table, PER)


def _log_normal(ratio: np.ndarray, error: np.ndarray, z: float) -> dict[str, np.ndarray]:
    with np.errstate(all="ignore"):
        p_value = 2 * ndtr(-np.abs(np.log(ratio)) / error)
    limits = {"lower": ratio * np.exp(-z * error), "upper": ratio * np.exp(z * error)}
    return {**limits, "p_value": p_value}


def _check_comparison(
    counts: pd.DataFrame, between: str, reference: object, by: Sequence[str]
) -> None:
    require_list("by", by)
    if between in by:
        fault = f"by: must not hold {between}, which is compared"
        raise InputError("standardised rate ratio", [fault])
    require_columns(counts, [between, *by, "cases", "person_years"])
    if reference == OTHERS:
        # All the others together add up person-years, which must not be those that every diagnosis shares.
        refuse_repeated_person_years(counts, by)


def _compared_with(
    by_age: CountsByAge, between: str, reference: object, by: Sequence[str]
) -> ComparedRates:
    group, _ = number_strata(by_age.strata, by)
    sides = (by_age.cases, by_age.person_years)
    if reference == OTHERS:
        # Sums by age, and standardised afterwards: the rest has ages of its own.
        rest = [_sums_of_groups(values, group) - values for values in sides]
        return ComparedRates(*rest, is_reference=np.zeros(len(group), dtype=bool))
    levels = by_age.strata[between].astype(object)
    is_reference = (levels == reference).to_numpy(dtype=bool, na_value=False)
    if len(levels) and not is_reference.any():
        require_choice(f"reference of {between}", reference, [*levels.dropna().unique(), OTHERS])
    # The reference of a stratum is one of its own rows; all others there take its sums.
    own = [_sums_of_groups(np.where(is_reference[:, None], values, 0), group) for values in sides]
    return ComparedRates(*own, is_reference=is_reference)


def _sums_of_groups(values: np.ndarray, group: np.ndarray) -> np.ndarray:
    sums = np.zeros((group.max(initial=-1) + 1, values.shape[1]))
    np.add.at(sums, group, values)
    return sums[group]


def _rate_and_error(
    by_age: CountsByAge, cases: np.ndarray, person_years: np.ndarray, standard: Standard
) -> tuple[np.ndarray, np.ndarray]:
    """The standardised rate and the standard error of its logarithm."""
    weight = case_weight(standard, by_age.bands, person_years)
    if not by_age.bands:
        return np.full((2, len(cases)), np.nan)
    rate = (weight * cases).sum(axis=1)
    with np.errstate(all="ignore"):
        return rate, np.sqrt((weight**2 * cases).sum(axis=1)) / rate
