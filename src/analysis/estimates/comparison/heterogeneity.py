"""Do rates differ between countries, or regions, by more than chance."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import chdtrc, xlogy

from analysis.errors import InputError
from analysis.estimates.comparison.cross_tabulation import compared_columns, crossed_counts
from analysis.estimates.rates.crude_rates import refuse_repeated_person_years
from analysis.strata import require_columns

ROUNDS, CLOSE = 500, 1e-13  # of the fit: at most so many, until no rate moves by more
TIE = 1e-9  # simulated statistics this close to the observed one are equal to it


def heterogeneity_test(
    counts: pd.DataFrame,
    between: str | Sequence[str] = "country",
    *,
    by: Sequence[str] = (),
    simulations: int = 9_999,
    seed: int = 1,
) -> pd.DataFrame:
    """Whether the rates of several countries (or regions) are one, adjusted for age, and how far apart they lie.

    .. math:: \\log E(d_{ka}) = \\log y_{ka} + \\alpha_a + \\beta_k, \\quad
              G = 2 \\sum_{ka} d_{ka} \\log \\frac{\\hat\\mu_{ka}}{\\hat\\mu^0_{ka}}, \\quad
              \\tau^2 = \\max\\left(0, \\frac{Q - f}{\\sum E_k - \\sum E_k^2 / \\sum E_k}\\right)

    with :math:`\\hat\\mu^0` where all :math:`\\beta_k` are 0, :math:`E_k` the cases expected then, Q Pearson's
    chi-square of observed and expected cases by country, and f the degrees of freedom. Reads ``cases`` (d, a count),
    ``person_years`` (y, years), the column compared, those of ``by`` and, if there, ``age_group``.

    Parameters
    ----------
    counts
        One row a stratum, as ``rate_table`` gives it; further rows are added up.
    between
        The column whose levels are compared, or several together.
    by
        Stratum columns, within each of which levels are compared.
    simulations
        Drawn for the simulated p value; 0 leaves it missing.
    seed
        Of the simulation: the same seed gives the same p value.

    Returns
    -------
    pandas.DataFrame
        ``by… levels cases test_statistic degrees_of_freedom p_value simulated_p_value tau_squared i_squared``:
        levels compared, their cases, the likelihood-ratio statistic G with its chi-square p value and the simulated
        one, τ² (the variance of countries' rates over the common rate) and I² (0–1, the part of Q
        that is more than chance). All but the counts are missing with fewer than two levels to compare or no case.

    Raises
    ------
    MissingStepError
        A column is not there.
    InputError
        Counts that are missing, negative or no whole numbers; a diagnosis column outside ``by``, whose person-years
        would be counted several times; a negative number of simulations.

    Notes
    -----
    The simulated p value holds the cases of each age group and shares them out between countries by person-years, as
    they would fall if rates were equal: no large numbers are assumed, so it is the one to print where a country expects
    fewer than five cases. A level without a case is compared (it has a rate of 0); one without person-years at an age
    with cases is not. Levels that share no age cannot be told apart, which costs a degree of freedom.
    τ² and I² are DerSimonian and Laird's, of observed over expected; both are poorly known from few levels.

    References
    ----------
    Breslow, Day. Statistical Methods in Cancer Research II, 1987, chapter 4. DerSimonian, Laird. Control Clin Trials
    1986;7:177–188. Higgins, Thompson. Stat Med 2002;21:1539–1558. Phipson, Smyth. Stat Appl Genet Mol Biol 2010;9:39.

    Examples
    --------
    >>> counts = pd.DataFrame({"country": ["NO", "SE", "DK"], "cases": [20, 40, 30], "person_years": [1e5, 1e5, 1e5]})
    >>> heterogeneity_test(counts).round(3)[["levels", "test_statistic", "degrees_of_freedom", "p_value", "i_squared"]]
       levels  test_statistic  degrees_of_freedom  p_value  i_squared
    0       3           6.796                   2    0.033        0.7
    """
    if simulations < 0:
        raise InputError("heterogeneity test", ["simulations: must be 0 or more"])
    compared = compared_columns(between, by)
    of_age = ["age_group"] if "age_group" in counts.columns else []
    require_columns(counts, [*by, *compared])
    refuse_repeated_person_years(counts, [*by, *compared])
    crossed = crossed_counts(counts, by, compared, of_age)
    of_strata = zip(crossed.cases, crossed.person_years, strict=True)
    rows = [_compared(*of_stratum, simulations, seed) for of_stratum in of_strata]
    columns = {name: [row[name] for row in rows] for name in _NOTHING}
    whole = dict.fromkeys(("levels", "cases", "degrees_of_freedom"), "int64")
    return crossed.levels[0].assign(**columns).astype(whole)


_NOTHING = {
    "levels": 0,
    "cases": 0,
    "test_statistic": np.nan,
    "degrees_of_freedom": 0,
    "p_value": np.nan,
    "simulated_p_value": np.nan,
    "tau_squared": np.nan,
    "i_squared": np.nan,
}


def _compared(
    cases: np.ndarray, years: np.ndarray, simulations: int, seed: int
) -> dict[str, float]:
    """One row of the answer, from the cases and person-years of one stratum by level and age."""
    # Cases without person-years, and ages without a case, say nothing of rates.
    cases = np.where(years > 0, cases, 0)
    with_cases = cases.sum(axis=0) > 0
    cases, years = cases[:, with_cases], years[:, with_cases]
    observable = years.sum(axis=1) > 0
    cases, years = cases[observable], years[observable]
    freedom = _degrees_of_freedom(years)
    counted = {
        **_NOTHING,
        "levels": len(cases),
        "cases": cases.sum(),
        "degrees_of_freedom": freedom,
    }
    if freedom < 1:
        return counted
    by_level, by_age = cases.sum(axis=1), cases.sum(axis=0)
    statistic = _likelihood_ratio(by_level[None], by_age, years)[0]
    return {
        **counted,
        "test_statistic": statistic,
        "p_value": chdtrc(freedom, statistic),
        "simulated_p_value": _simulated(statistic, by_age, years, simulations, seed),
        **_spread(by_level, years @ (by_age / years.sum(axis=0)), freedom),
    }


def _degrees_of_freedom(years: np.ndarray) -> int:
    """Levels less one for every set of levels that have ages in common."""
    # Levels are joined that share an age, or share one with a level in between.
    met = (years > 0).astype(float) @ (years > 0).astype(float).T
    for _ in range(len(met)):
        met = np.minimum(met @ met, 1)
    return len(met) - len(np.unique(met, axis=0))


def _likelihood_ratio(by_level: np.ndarray, by_age: np.ndarray, years: np.ndarray) -> np.ndarray:
    """G of each row of ``by_level``: it depends on the cases through their sums by level and by age alone."""
    equal = by_age / years.sum(axis=0)
    effects, rates = np.ones(by_level.shape), np.broadcast_to(equal, (len(by_level), len(by_age)))
    for _ in range(ROUNDS):
        before = effects
        effects = by_level / (rates @ years.T)
        # A level alone at its ages takes them all: without it in a simulated draw those ages have no rate.
        expected = effects @ years
        rates = np.divide(by_age, expected, out=np.zeros(expected.shape), where=expected > 0)
        if np.abs(effects - before).max() <= CLOSE * effects.max():
            break
    # Ages with the rate of equal countries, countries with a factor each: fitted one after the other until both fit.
    gained = xlogy(by_level, effects).sum(axis=1) + xlogy(by_age, rates / equal).sum(axis=1)
    return np.maximum(2 * gained, 0)


def _simulated(
    statistic: float, by_age: np.ndarray, years: np.ndarray, simulations: int, seed: int
) -> float:
    if not simulations:
        return np.nan
    generator = np.random.default_rng(seed)
    shares = years / years.sum(axis=0)
    drawn = sum(
        generator.multinomial(int(number), share, size=simulations)
        for number, share in zip(by_age, shares.T, strict=True)
    )
    # Few outcomes come again and again: each is fitted once.
    outcomes, times = np.unique(drawn, axis=0, return_counts=True)
    simulated = _likelihood_ratio(outcomes.astype(float), by_age, years)
    as_large = simulated >= statistic * (1 - TIE) - TIE
    return (1 + times[as_large].sum()) / (1 + simulations)


def _spread(observed: np.ndarray, expected: np.ndarray, freedom: int) -> dict[str, float]:
    pearson, whole = ((observed - expected) ** 2 / expected).sum(), expected.sum()
    excess = max(pearson - freedom, 0)
    return {
        "tau_squared": excess / (whole - (expected**2).sum() / whole),
        "i_squared": excess / pearson if pearson > 0 else 0.0,
    }
