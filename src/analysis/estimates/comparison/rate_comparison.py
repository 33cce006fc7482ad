"""How many times as often, and how much more often: two rates compared."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.estimates.comparison.cross_tabulation import compared_columns, crossed_counts
from analysis.estimates.comparison.two_rates import (
    ADJUSTED_FOR_AGE,
    METHODS,
    Pairs,
    score_interval,
)
from analysis.estimates.intervals.confidence import normal_quantile, require_choice
from analysis.estimates.rates.crude_rates import note_unit, refuse_repeated_person_years
from analysis.estimates.rates.standardised_ratios import OTHERS
from analysis.strata import require_columns


def rate_ratio(
    counts: pd.DataFrame,
    between: str = "country",
    *,
    reference: object,
    by: Sequence[str] = (),
    method: str = "exact",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """The rate of each level over the rate of a reference level, with its interval and p value.

    .. math:: RR = \\frac{d_1 / y_1}{d_0 / y_0}, \\quad d_1 \\mid d_1 + d_0 \\sim
              \\mathrm{Binomial}\\left(d_1 + d_0, \\frac{RR\\,y_1}{RR\\,y_1 + y_0}\\right)

    and, adjusted for age by Mantel and Haenszel,

    .. math:: RR_{MH} = \\frac{R}{S} = \\frac{\\sum_a d_{1a} y_{0a} / y_a}{\\sum_a d_{0a} y_{1a} / y_a}, \\quad
              var(\\log RR_{MH}) = \\frac{\\sum_a d_a y_{1a} y_{0a} / y_a^2}{R S}

    Reads ``cases`` (d, a count), ``person_years`` (y, years), the column compared, those of ``by`` and, adjusted,
    ``age_group``. Adds ``rate_ratio``, ``lower``, ``upper`` and ``p_value``.

    Parameters
    ----------
    counts
        One row a stratum, as ``rate_table`` gives it; further rows are added up.
    between
        The column whose levels are compared.
    reference
        The level that the others are compared with; or ``"others"``: each level with all the rest together.
    by
        Stratum columns, within each of which levels are compared.
    method
        ``"exact"`` (conditional, central), ``"mid-p"`` or ``"log-normal"``, each of the crude ratio; or
        ``"mantel-haenszel"``, the ratio adjusted for ``age_group``, with the interval of Greenland and Robins.
    confidence
        Coverage of the interval.

    Returns
    -------
    pandas.DataFrame
        ``by… <between> cases person_years reference_cases reference_person_years rate_ratio lower upper p_value``, in
        reading order, without the reference itself. All four are missing without person-years on either side, or with
        no case on both.

    Raises
    ------
    MissingStepError
        A column is not there.
    InputError
        A reference or method that is not known; counts that are missing, negative or no whole numbers; a diagnosis
        column outside ``by``, whose person-years would be counted several times.

    Notes
    -----
    No case: the ratio and the lower limit are 0, with an upper limit by the exact and mid-p methods. No case in the
    reference: the ratio and the upper limit would be infinite and are missing; the lower limit stands. The p value of
    the first two methods is twice the smaller tail, which the interval agrees with: below 0.05 where 1 lies outside
    95 %. (R's ``poisson.test`` adds up all outcomes that are no likelier, which can disagree with its own interval.)
    Mantel–Haenszel and not Poisson regression, since it is closed, has no slope to run off, and stays right where many
    age groups have few cases; its p value is that of the Mantel–Haenszel chi-square, without continuity correction. An
    age without person-years on one side tells nothing and drops out. It assumes one ratio at all ages.

    References
    ----------
    Breslow, Day. Statistical Methods in Cancer Research II, 1987, p. 93–95, 109. Lehmann, Romano. Testing Statistical
    Hypotheses, 3rd ed., 2005, section 4.5. Greenland, Robins. Biometrics 1985;41:55–68. Fay. R J 2010;2(1):53–58.

    Examples
    --------
    >>> counts = pd.DataFrame({"country": ["NO", "SE", "IS"], "cases": [20, 40, 0], "person_years": [1e5, 1e5, 6e3]})
    >>> rate_ratio(counts, reference="NO").drop(columns=["reference_cases", "reference_person_years"]).round(3)
      country  cases  person_years  rate_ratio  lower  upper  p_value
    0      IS      0        6000.0         0.0  0.000  3.376    0.624
    1      SE     40      100000.0         2.0  1.142  3.611    0.013
    """
    require_choice("method of a rate ratio", method, METHODS)
    z = normal_quantile(confidence)
    of_age = ["age_group"] if method == ADJUSTED_FOR_AGE else []
    table, pairs = _pairs(counts, between, reference, by, of_age)
    with np.errstate(all="ignore"):
        estimates = METHODS[method](pairs, (1 - confidence) / 2, z)
    return table.assign(**estimates)


def rate_difference(
    counts: pd.DataFrame,
    between: str = "country",
    *,
    reference: object,
    by: Sequence[str] = (),
    per: float = 1_000_000,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """The rate of each level less the rate of a reference level, with its score interval.

    .. math:: RD = \\frac{d_1}{y_1} - \\frac{d_0}{y_0}, \\quad
              \\frac{(RD - \\delta)^2}{\\tilde\\lambda_1 / y_1 + \\tilde\\lambda_0 / y_0} \\le z^2

    where the rates below the line are the likeliest ones that differ by :math:`\\delta`. Reads and is laid out as
    ``rate_ratio``; adds ``rate_difference``, ``lower`` and ``upper`` (cases per ``per`` person-years).

    Parameters
    ----------
    counts, between, reference, by
        As for ``rate_ratio``.
    per
        Person-years that the difference is expressed in.
    confidence
        Coverage of the interval.

    Returns
    -------
    pandas.DataFrame
        ``by… <between> cases person_years reference_cases reference_person_years rate_difference lower upper``.
        Missing without person-years on either side.

    Raises
    ------
    MissingStepError
        A column is not there.
    InputError
        As ``rate_ratio``.

    Notes
    -----
    The score interval of Miettinen and Nurminen, for rates. Unlike Wald's it stays open with no case on one side or
    both, where the count says least.

    References
    ----------
    Miettinen, Nurminen. Stat Med 1985;4:213–226.

    Examples
    --------
    >>> counts = pd.DataFrame({"country": ["NO", "SE", "IS"], "cases": [20, 40, 0], "person_years": [1e5, 1e5, 6e3]})
    >>> rate_difference(counts, reference="NO")[["country", "rate_difference", "lower", "upper"]].round(1)
      country  rate_difference  lower  upper
    0      IS           -200.0 -308.9  440.2
    1      SE            200.0   49.8  362.3
    """
    z = normal_quantile(confidence)
    table, pairs = _pairs(counts, between, reference, by, of_age=[])
    with np.errstate(all="ignore"):
        difference, lower, upper = score_interval(pairs.all_ages(), z)
    estimates = {"rate_difference": difference, "lower": lower, "upper": upper}
    rescaled = {name: per * values for name, values in estimates.items()}
    return note_unit(table.assign(**rescaled), per)


def _pairs(
    counts: pd.DataFrame, between: str, reference: object, by: Sequence[str], of_age: list[str]
) -> tuple[pd.DataFrame, Pairs]:
    """Each level beside its reference: a row a pair, and cases and person-years of both by age."""
    compared_columns(between, by)
    require_columns(counts, [*by, between, *of_age])
    crossed = crossed_counts(counts, by, [between], of_age)
    strata, levels, _ = crossed.levels
    base = _reference_number(levels[between], reference)
    # All the rest together is a sum over levels, in which repeated person-years would be counted again.
    refuse_repeated_person_years(counts, by if base is None else [*by, between])
    shown = crossed.present.any(axis=2)
    if base is not None:
        shown[:, base] = False
    pairs = Pairs(
        crossed.cases[shown],
        crossed.person_years[shown],
        _beside(crossed.cases, base)[shown],
        _beside(crossed.person_years, base)[shown],
    )
    return _named(strata, levels, shown).assign(**pairs.totals()), pairs


def _named(strata: pd.DataFrame, levels: pd.DataFrame, shown: np.ndarray) -> pd.DataFrame:
    """The stratum and the level of each pair that is shown."""
    stratum, level = np.nonzero(shown)
    parts = [strata.iloc[stratum], levels.iloc[level]]
    return pd.concat([part.reset_index(drop=True) for part in parts], axis=1)


def _beside(values: np.ndarray, base: int | None) -> np.ndarray:
    """What each level is compared with: the base level's values, or those of all the other levels together."""
    if base is None:
        return values.sum(axis=1, keepdims=True) - values
    return np.repeat(values[:, [base]], values.shape[1], axis=1)


def _reference_number(levels: pd.Series, reference: object) -> int | None:
    """Which level is the reference; None where each is compared with all the others."""
    # A level of that name goes before the word "others".
    numbers = np.flatnonzero((levels == reference).fillna(False).to_numpy(dtype=bool))
    if numbers.size:
        return int(numbers[0])
    if len(levels) and reference != OTHERS:
        names = [*(str(level) for level in levels.dropna()), OTHERS]
        require_choice(f"reference of {levels.name}", reference, names)
    return None
