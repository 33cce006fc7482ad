"""Hazard ratios that change with time: follow-up cut at fixed times, and a ratio in each stretch."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.estimates.regression.covariates import (
    checked_follow_up,
    chosen_references,
    levels_of,
    refuse_no_time,
)
from analysis.estimates.regression.cox import hazard_ratios
from analysis.estimates.survival.fixed_times import days_since_diagnosis
from analysis.strata import each_stratum


def split_follow_up(cases: pd.DataFrame, years: Sequence[float]) -> pd.DataFrame:
    """Follow-up cut at fixed times, one row a child and stretch of time.

    Reads ``follow_up_days``, ``event`` and, if there, ``entry_days`` (days); changes all three, adds
    ``follow_up_interval`` (years of 365.25 days) and ``child_row`` (the row of the child, from 1).

    Parameters
    ----------
    cases
        One row a child.
    years
        Where to cut, rising.

    Returns
    -------
    pandas.DataFrame
        The columns of the cases and ``entry_days child_row follow_up_interval``, children in their order and time
        rising. An event belongs to the stretch that ends with it.

    Raises
    ------
    MissingStepError
        Follow-up has not been added.
    InputError
        Times that do not rise from above 0, a follow-up of 0 days, or one that is not as it must be.

    Notes
    -----
    Risk sets are the same as before: a child is at risk in each stretch from its beginning on, and leaves it alive.

    References
    ----------
    Therneau, Grambsch. Modeling Survival Data, 2000, section 3.7.

    Examples
    --------
    >>> split_follow_up(pd.DataFrame({"follow_up_days": [200, 600], "event": [1, 1]}), [1])
       follow_up_days  event  entry_days  child_row follow_up_interval
    0          200.00      1        0.00          1                0–1
    1          365.25      0        0.00          2                0–1
    2          600.00      1      365.25          2                 1–
    """
    cuts, cut_days = days_since_diagnosis("years", years)
    follow = checked_follow_up(cases, ())
    if not len(cuts) or not (np.diff(cut_days, prepend=0) > 0).all():
        raise InputError("split of follow-up", ["years: must rise, from above 0"])
    refuse_no_time(follow)
    edges = np.concatenate([[-np.inf], cut_days, [np.inf]])
    entry = np.zeros(len(cases)) if follow.entry is None else follow.entry
    child, stretch, is_last = _stretches(edges, entry, follow.exit)
    return (
        cases.iloc[child]
        .assign(
            follow_up_days=np.where(is_last, follow.exit[child], edges[stretch + 1]),
            event=(is_last & follow.died[child]).astype(np.int64),
            entry_days=np.maximum(entry[child], edges[stretch]),
            child_row=child + 1,
            follow_up_interval=pd.Categorical.from_codes(stretch, _names(cuts), ordered=True),
        )
        .reset_index(drop=True)
    )


def _stretches(
    edges: np.ndarray, entry: np.ndarray, exit_days: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each child once for every stretch it is followed in; the stretch, and whether it is the child's last."""
    first = np.searchsorted(edges, entry, side="right") - 1
    # Who leaves on the day of a cut leaves in the stretch that it ends.
    last = np.searchsorted(edges, exit_days, side="left") - 1
    child = np.repeat(np.arange(len(entry)), last - first + 1)
    stretch = np.arange(len(child)) - np.searchsorted(child, child) + first[child]
    return child, stretch, stretch == last[child]


def _names(cuts: np.ndarray) -> list[str]:
    """The names of the stretches between the cuts: 0–1, 1–5, 5–."""
    ends = zip([0, *cuts], cuts, strict=False)
    return [*(f"{start:g}–{end:g}" for start, end in ends), f"{cuts[-1]:g}–"]


def hazard_ratios_by_time(
    cases: pd.DataFrame,
    terms: Sequence[str],
    split_at: Sequence[float],
    *,
    references: Mapping[str, object | None] | None = None,
    strata: Sequence[str] = (),
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Hazard ratios in each stretch of follow-up, for terms whose effect changes with time.

    Reads what ``hazard_ratios`` reads; adds ``follow_up_interval`` (years) in front of what it adds.

    Parameters
    ----------
    cases, terms, references, strata, confidence
        As for ``hazard_ratios``.
    split_at
        Years of 365.25 days at which ratios may change, rising.

    Returns
    -------
    pandas.DataFrame
        ``follow_up_interval term level reference hazard_ratio lower upper p_value children events``, stretches in
        order; ``children`` are those followed in the stretch.

    Raises
    ------
    MissingStepError, InputError
        As ``hazard_ratios`` and ``split_follow_up``.

    Notes
    -----
    All terms may change at the times given. As no risk set spans two stretches this is the same as one model in
    which every term interacts with the stretch. Those alive at its beginning are compared in each, so that a later
    ratio is one given survival so far.

    References
    ----------
    Therneau, Grambsch. Modeling Survival Data, 2000, section 6.5.

    Examples
    --------
    >>> cases = pd.DataFrame({
    ...     "follow_up_days": [100, 200, 500, 900, 150, 250, 450, 800], "event": [1, 0, 1, 1, 1, 1, 1, 0],
    ...     "country": ["NO"] * 4 + ["SE"] * 4,
    ... })
    >>> ratios = hazard_ratios_by_time(cases, ["country"], split_at=[1])
    >>> ratios[["follow_up_interval", "level", "hazard_ratio", "children", "events"]].round(2)
      follow_up_interval level  hazard_ratio  children  events
    0                0–1    NO          1.00         4       1
    1                0–1    SE          1.59         4       2
    2                 1–    NO          1.00         2       2
    3                 1–    SE          1.41         2       1
    """
    levels = levels_of(cases, terms, references)
    split = split_follow_up(cases, split_at)
    for name, listed in levels.items():
        split[name] = pd.Categorical(split[name], listed)
    # The same reference in every stretch, even where nobody in it is left.
    compared_with = {name: listed[0] for name, listed in levels.items() if listed}
    compared_with |= chosen_references(references)
    return each_stratum(
        split,
        ["follow_up_interval"],
        lambda rows: hazard_ratios(
            rows, terms, references=compared_with, strata=strata, confidence=confidence
        ),
    )
