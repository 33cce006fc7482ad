"""How often: cases per person-years."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.errors import InputError, raise_faults
from analysis.estimates.intervals.of_counts import count_interval
from analysis.quantities import KINDS, of_kind
from analysis.strata import POPULATION_COLUMNS, number_strata, require_columns, strata_columns

# What a table of counts or rates holds beside its strata.
MEASURED = of_kind(*(kind for kind in KINDS if kind != "stratum"))


def incidence_rate(
    counts: pd.DataFrame,
    per: float = 1_000_000,
    *,
    interval: str = "exact",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Incidence rate with its confidence interval, in each row.

    .. math:: rate = per \\cdot d / y

    Reads ``cases`` (d, a count) and ``person_years`` (y, years); adds ``rate``, ``lower`` and ``upper`` (cases per
    ``per`` person-years).

    Parameters
    ----------
    counts
        One row a stratum, as ``rate_table`` gives it.
    per
        Person-years that the rate is expressed in: 1,000,000 for children, 100,000 for all ages.
    interval
        ``"exact"`` (Garwood, from the chi-square distribution), ``"mid-p"``, ``"byar"`` or ``"log-normal"``.
    confidence
        Coverage of the interval.

    Returns
    -------
    pandas.DataFrame
        The rows given, in their order, with ``rate lower upper``.

    Raises
    ------
    MissingStepError
        ``cases`` or ``person_years`` is not there.
    InputError
        A negative count, or an interval that is not known.

    Notes
    -----
    Without person-years the rate is undefined: all three are missing. With no case the rate is 0, its lower limit 0,
    its upper limit that of the interval chosen (missing for the log-normal, which has none). The exact interval holds
    its level for every true rate and is therefore wide in small counts; mid-P counts half the probability of the very
    count observed, and holds its level on average. A count with a fraction, as where a case is shared between two
    strata, is taken through the gamma distribution.

    References
    ----------
    Garwood. Biometrika 1936;28:437–442. Cohen, Yang. Stat Med 1994;13:2189–2203 (mid-P). Breslow, Day. Statistical
    Methods in Cancer Research II, 1987, p. 69 (Byar).

    Examples
    --------
    >>> counts = pd.DataFrame({"sex": ["male", "female"], "cases": [12, 0], "person_years": [60_000, 50_000]})
    >>> incidence_rate(counts).round(1)
          sex  cases  person_years   rate  lower  upper      per
    0    male     12         60000  200.0  103.3  349.4  1000000
    1  female      0         50000    0.0    0.0   73.8  1000000
    """
    cases, person_years = checked_counts(counts)
    # Person-years are taken as known: all that varies is the count.
    lower, upper = count_interval(cases, confidence, interval)
    person_years = np.where(person_years > 0, person_years, np.nan)
    rates = counts.assign(
        rate=per * cases / person_years,
        lower=per * lower / person_years,
        upper=per * upper / person_years,
    )
    return note_unit(rates, per)


def note_unit(rates: pd.DataFrame, per: float) -> pd.DataFrame:
    """The rates with ``per``, what they are per: the same in each row, so that no page can label them otherwise."""
    return rates.assign(per=per)


def checked_counts(
    counts: pd.DataFrame, columns: Sequence[str] = ("cases", "person_years")
) -> list[np.ndarray]:
    """``cases`` and ``person_years``, or other sizes, as numbers, missing ones allowed, negative ones refused."""
    require_columns(counts, columns)
    # Nullable integers would become objects without a value for what is missing.
    sizes = {name: counts[name].to_numpy(dtype=float, na_value=np.nan) for name in columns}
    rules = {f"{name}: must be 0 or more": values < 0 for name, values in sizes.items()}
    raise_faults("counts", rules)
    return list(sizes.values())


def whole_counts(counts: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """``cases`` and ``person_years`` as numbers, every one filled, cases whole: what an exact distribution is of."""
    cases, person_years = checked_counts(counts)
    rules = {
        "cases: must be filled": np.isnan(cases),
        "person_years: must be filled": np.isnan(person_years),
        "cases: must be whole numbers": ~np.isnan(cases) & (cases % 1 != 0),
    }
    raise_faults("counts", rules)
    return cases, person_years


def refuse_repeated_person_years(counts: pd.DataFrame, by: Sequence[str]) -> None:
    """Refuse to add up person-years that a rate table repeats beside every diagnosis."""
    dividing = dict.fromkeys([*by, *POPULATION_COLUMNS])
    population = [column for column in dividing if column in counts.columns]
    diagnosis = strata_columns(counts, [*population, *MEASURED])
    if not diagnosis:
        return
    numbers, strata = number_strata(counts, population)
    # One row a piece of the population: nothing is repeated.
    if len(counts) <= len(strata):
        return
    # Pieces of a population differ in size; beside a diagnosis the very same person-years come again.
    if counts["person_years"].groupby(numbers).nunique(dropna=False).max() == 1:
        names = ", ".join(map(str, diagnosis))
        fault = f"{names}: person_years stand beside each level; name it in by, or leave it out"
        raise InputError("rates", [fault])
