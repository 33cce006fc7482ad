"""How many times as often, and how much more often: two rates compared."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import betaincinv, ndtr

from analysis.estimates.comparison.cross_tabulation import crossed_counts
from analysis.estimates.intervals.confidence import normal_quantile, require_choice
from analysis.estimates.intervals.exact_tests import (
    binomial_at_least,
    binomial_at_most,
    central_p_value,
)
from analysis.estimates.rates.crude_rates import note_unit, refuse_repeated_person_years
from analysis.strata import require_columns

OTHERS = "others"
HALVINGS = 64  # of an interval: to within the last digit of a number


def rate_ratio(
    counts: pd.DataFrame,
    compared: str = "country",
    reference: object = "NO",
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
    compared
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
        ``by… <compared> cases person_years reference_cases reference_person_years rate_ratio lower upper p_value``, in
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
    >>> rate_ratio(counts).drop(columns=["reference_cases", "reference_person_years"]).round(3)
      country  cases  person_years  rate_ratio  lower  upper  p_value
    0      IS      0        6000.0         0.0  0.000  3.376    0.624
    1      SE     40      100000.0         2.0  1.142  3.611    0.013
    """
    require_choice("method of a rate ratio", method, METHODS)
    z = normal_quantile(confidence)
    table, pairs = _pairs(counts, compared, reference, by, ages=METHODS[method] is _mantel_haenszel)
    with np.errstate(all="ignore"):
        estimates = METHODS[method](*pairs, (1 - confidence) / 2, z)
    return table.assign(
        **dict(zip(("rate_ratio", "lower", "upper", "p_value"), estimates, strict=True))
    )


def rate_difference(
    counts: pd.DataFrame,
    compared: str = "country",
    reference: object = "NO",
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
    counts, compared, reference, by
        As for ``rate_ratio``.
    per
        Person-years that the difference is expressed in.
    confidence
        Coverage of the interval.

    Returns
    -------
    pandas.DataFrame
        ``by… <compared> cases person_years reference_cases reference_person_years rate_difference lower upper``.
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
    >>> rate_difference(counts)[["country", "rate_difference", "lower", "upper"]].round(1)
      country  rate_difference  lower  upper
    0      IS           -200.0 -308.9  440.2
    1      SE            200.0   49.8  362.3
    """
    z = normal_quantile(confidence)
    table, pairs = _pairs(counts, compared, reference, by, ages=False)
    with np.errstate(all="ignore"):
        estimates = _score_interval(*(side[:, 0] for side in pairs), z)
    names = ("rate_difference", "lower", "upper")
    return note_unit(
        table.assign(**{name: per * values for name, values in zip(names, estimates, strict=True)}),
        per,
    )


def _pairs(
    counts: pd.DataFrame, compared: str, reference: object, by: Sequence[str], ages: bool
) -> tuple[pd.DataFrame, list[np.ndarray]]:
    """Each level beside its reference: a row a pair, and cases and person-years of both by age."""
    by = list(by)
    of_age = ["age_group"] if ages else []
    require_columns(counts, [*by, compared, *of_age])
    *sides, (strata, levels, _), present = crossed_counts(counts, by, [compared], of_age)
    place = _reference_place(levels[compared], reference)
    # All the rest together is a sum over levels, in which repeated person-years would be counted again.
    refuse_repeated_person_years(counts, by if place is None else [*by, compared])
    others = [
        side.sum(axis=1, keepdims=True) - side
        if place is None
        else np.repeat(side[:, [place]], len(levels), axis=1)
        for side in sides
    ]
    shown = present.any(axis=2) & (np.arange(len(levels)) != place)
    stratum, level = np.nonzero(shown)
    pairs = [side[shown] for side in (*sides, *others)]
    names = ("cases", "person_years", "reference_cases", "reference_person_years")
    table = pd.concat(
        [strata.iloc[stratum].reset_index(drop=True), levels.iloc[level].reset_index(drop=True)],
        axis=1,
    )
    table = table.assign(
        **{name: side.sum(axis=1) for name, side in zip(names, pairs, strict=True)}
    )
    return table.astype({"cases": np.int64, "reference_cases": np.int64}), pairs


def _reference_place(levels: pd.Series, reference: object) -> int | None:
    places = np.flatnonzero((levels == reference).fillna(False).to_numpy(dtype=bool))
    if places.size or reference == OTHERS or not len(levels):
        return int(places[0]) if places.size else None
    require_choice(
        f"reference of {levels.name}",
        reference,
        [*(str(level) for level in levels.dropna()), OTHERS],
    )
    return None


def _crude(cases, years, other_cases, other_years):
    """Counts with ages added up, the person-years of the reference over those of the level, and the ratio."""
    cases, years, other_cases, other_years = (
        side.sum(axis=1) for side in (cases, years, other_cases, other_years)
    )
    known = (years > 0) & (other_years > 0)
    scale = np.where(known, other_years / years, np.nan)
    return cases, other_cases, scale, np.where(other_cases > 0, scale * cases / other_cases, np.nan)


def _exact(cases, years, other_cases, other_years, tail, z):
    cases, other_cases, scale, ratio = _crude(cases, years, other_cases, other_years)
    total, share = cases + other_cases, 1 / (1 + scale)
    lower = np.where(cases > 0, betaincinv(cases, other_cases + 1, tail), 0)
    upper = betaincinv(cases + 1, other_cases, 1 - tail)
    return _of_ratio(ratio, lower, upper, central_p_value(cases, total, share), scale, total)


def _mid_p(cases, years, other_cases, other_years, tail, z):
    cases, other_cases, scale, ratio = _crude(cases, years, other_cases, other_years)
    total = cases + other_cases

    def below(share):
        """Probability of fewer cases, and half of that of as many."""
        return (
            binomial_at_most(cases, total, share) + binomial_at_most(cases - 1, total, share)
        ) / 2

    lower = _bisected(
        lambda share: below(share) > 1 - tail, np.zeros(len(total)), np.ones(len(total))
    )
    upper = _bisected(lambda share: below(share) > tail, np.zeros(len(total)), np.ones(len(total)))
    share = 1 / (1 + scale)
    above = (
        binomial_at_least(cases, total, share) + binomial_at_least(cases + 1, total, share)
    ) / 2
    p_value = 2 * np.minimum(below(share), above)
    return _of_ratio(ratio, np.where(cases > 0, lower, 0), upper, p_value, scale, total)


def _of_ratio(ratio, lower, upper, p_value, scale, total):
    """Limits of the share of cases as limits of the ratio; missing where there is no case, or no limit."""
    known = (total > 0) & ~np.isnan(scale)
    upper = np.where(np.isnan(ratio), np.nan, scale * upper / (1 - upper))
    estimates = (ratio, scale * lower / (1 - lower), upper, p_value)
    return tuple(np.where(known, values, np.nan) for values in estimates)


def _log_normal(cases, years, other_cases, other_years, tail, z):
    cases, other_cases, _, ratio = _crude(cases, years, other_cases, other_years)
    return _around_log(ratio, np.sqrt(1 / cases + 1 / other_cases), z)


def _mantel_haenszel(cases, years, other_cases, other_years, tail, z):
    whole = years + other_years
    whole = np.where((years > 0) & (other_years > 0), whole, np.inf)
    total = cases + other_cases
    above, below = (
        (cases * other_years / whole).sum(axis=1),
        (other_cases * years / whole).sum(axis=1),
    )
    spread = (total * years * other_years / whole**2).sum(axis=1)
    ratio = np.where(below > 0, above / below, np.nan)
    # R - S is observed less expected cases: d1 - d y1 / y, age by age.
    p_value = np.where(spread > 0, 2 * ndtr(-np.abs(above - below) / np.sqrt(spread)), np.nan)
    return *_around_log(ratio, np.sqrt(spread / (above * below)), z)[:3], p_value


def _around_log(ratio, error, z):
    positive = ratio > 0
    error = np.where(positive, error, np.nan)
    lower, upper = ratio * np.exp(-z * error), ratio * np.exp(z * error)
    return ratio, np.where(ratio == 0, 0, lower), upper, 2 * ndtr(-np.abs(np.log(ratio)) / error)


METHODS = {
    "exact": _exact,
    "mid-p": _mid_p,
    "log-normal": _log_normal,
    "mantel-haenszel": _mantel_haenszel,
}


def _score_interval(cases, years, other_cases, other_years, z):
    years, other_years = (
        np.where(years > 0, years, np.nan),
        np.where(other_years > 0, other_years, np.nan),
    )
    rate, other = cases / years, other_cases / other_years
    difference, whole = rate - other, years + other_years

    def beyond(delta):
        half = (cases + other_cases - whole * delta) / (2 * whole)
        root = np.sqrt(half**2 + other_cases * delta / whole)
        likeliest = np.maximum(half + root, np.maximum(0, -delta))
        return (difference - delta) ** 2 > z**2 * (
            (likeliest + delta) / years + likeliest / other_years
        )

    margin = z * np.sqrt(rate / years + other / other_years)
    lower = _bisected(
        lambda delta: ~beyond(delta), difference, difference - margin - z**2 / other_years
    )
    upper = _bisected(lambda delta: ~beyond(delta), difference, difference + margin + z**2 / years)
    return difference, lower, upper


def _bisected(holds, inside, outside):
    """Where ``holds`` ceases to be true between ``inside``, where it is, and ``outside``, where it is not."""
    for _ in range(HALVINGS):
        middle = (inside + outside) / 2
        still = holds(middle)
        inside, outside = np.where(still, middle, inside), np.where(still, outside, middle)
    return (inside + outside) / 2
