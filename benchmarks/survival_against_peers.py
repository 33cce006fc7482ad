"""From a million children to survival with its interval, against lifelines, R's packages and a plain numpy pass.

Each comparison is a function that times its peers in turn and holds their answers against ours; ``COMPARISONS`` lists
them, so that another estimate is one more function. Frames are in memory before the clock starts, and R's are read.

- Kaplan–Meier in 500 strata: lifelines' fitter in a loop over the strata, ``survfit``, ``prodlim``, and numpy counting
  and multiplying with no table made (the least that has to be done).
- Aalen–Johansen, two causes: ``prodlim``, ``cmprsk::cuminc``, and ``survfit`` with states, whose errors take so long
  that it is given the first of the children only (the line says how many).
"""

import argparse
import warnings

import numpy as np
import pandas as pd
from paired import in_r, in_turn, largest_difference, say

from analysis.counts import event_table
from analysis.estimates import cumulative_incidence_function, kaplan_meier

STRATA = 500
DAYS = 5479  # fifteen years
AT = 1826  # where answers are compared: five years


def children(rows: int) -> pd.DataFrame:
    """Invented children: a stratum (text), whole days of follow-up, an event, and its cause."""
    random = np.random.default_rng(7)
    stratum = np.array([f"stratum {number:03d}" for number in range(STRATA)], dtype=object)
    event = (random.random(rows) < 0.3).astype(int)
    cause = np.where(event == 1, 1 + (random.random(rows) < 0.25), 0)
    return pd.DataFrame(
        {
            "stratum": stratum[random.integers(0, STRATA, rows)],
            "follow_up_days": random.integers(1, DAYS, rows),
            "event": event,
            "cause": pd.Categorical.from_codes(cause, ["censored", "cancer", "other"]),
        }
    )


def last_by_stratum(curve: pd.DataFrame, column: str) -> np.ndarray:
    """The value at five years in each stratum."""
    return curve[curve["time_days"] <= AT].groupby("stratum")[column].last().to_numpy()


def with_lifelines(cases: pd.DataFrame) -> np.ndarray:
    """Survival at five years from lifelines, stratum by stratum."""
    from lifelines import KaplanMeierFitter

    fitter, found = KaplanMeierFitter(), []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _, rows in cases.groupby("stratum"):
            fitter.fit(rows["follow_up_days"], rows["event"])
            found.append(fitter.survival_function_.loc[:AT].iloc[-1, 0])
    return np.array(found)


def with_numpy(numbers: np.ndarray, days: np.ndarray, event: np.ndarray) -> np.ndarray:
    """Survival at five years by counting into a table stratum × day."""
    shape = (STRATA, DAYS)
    cell = numbers * DAYS + days
    leaving = np.bincount(cell, minlength=STRATA * DAYS).reshape(shape)
    died = np.bincount(cell, event, minlength=STRATA * DAYS).reshape(shape)
    at_risk = leaving[:, ::-1].cumsum(axis=1)[:, ::-1]
    survival = np.cumprod(1 - died / np.maximum(at_risk, 1), axis=1)
    variance = np.cumsum(died / np.maximum(at_risk * (at_risk - died), 1), axis=1)
    with np.errstate(all="ignore"):
        log = np.log(survival)
        for sign in (-1, 1):
            np.exp(-np.exp(np.log(-log) + sign * 1.959964 * np.sqrt(variance) / log))
    return survival[:, AT]


def compare_kaplan_meier(cases: pd.DataFrame, rounds: int) -> None:
    """Kaplan–Meier in every stratum, from the frame to the interval."""
    forms = {
        "text": cases[["stratum", "follow_up_days", "event"]],
        "whole numbers": cases.assign(stratum=cases["stratum"].str[-3:].astype(int)),
        "categories": cases.astype({"stratum": "category"}),
    }
    estimates = {
        form: lambda frame=frame: kaplan_meier(
            event_table(frame[["stratum", "follow_up_days", "event"]], ["stratum"])
        )
        for form, frame in forms.items()
    }
    numbers, days, event = (
        forms["whole numbers"][name].to_numpy() for name in ("stratum", "follow_up_days", "event")
    )
    taken = in_turn(
        {**estimates, "numpy, no table": lambda: with_numpy(numbers, days, event)}, rounds
    )
    taken |= in_turn({"lifelines": lambda: with_lifelines(cases)}, 1)
    own = last_by_stratum(estimates["text"](), "survival")
    answers = {
        "lifelines": with_lifelines(cases),
        "numpy, no table": with_numpy(numbers, days, event),
    }
    for package, (work, prepare) in R_KAPLAN_MEIER.items():
        of_r = in_r(work, prepare, {"cases": forms["text"]}, max(1, rounds // 3))
        if of_r is not None:
            taken[f"R {package}"], answers[f"R {package}"] = of_r[0], of_r[1]["survival"].to_numpy()
    peers = {name: time for name, time in taken.items() if name not in forms}
    for form in forms:
        say(f"Kaplan–Meier of {len(cases)} in {STRATA} strata ({form})", taken[form], peers)
    tell_differences(own, answers)


R_KAPLAN_MEIER = {
    "survfit": (
        f"""
        fit <- survfit(Surv(follow_up_days, event) ~ stratum, data = cases, conf.type = "log-log")
        data.frame(survival = summary(fit, times = {AT}, extend = TRUE)$surv)
        """,
        'library(survival); cases <- data.table::fread(file.path(folder, "cases.csv"), data.table = FALSE)',
    ),
    "prodlim": (
        f"""
        fit <- prodlim(Hist(follow_up_days, event) ~ stratum, data = cases, conf.int = 0.95)
        strata <- data.frame(stratum = sort(unique(cases$stratum)))
        data.frame(survival = unlist(predict(fit, times = {AT}, newdata = strata)))
        """,
        'library(prodlim); cases <- data.table::fread(file.path(folder, "cases.csv"), data.table = FALSE)',
    ),
}


def tell_differences(own: np.ndarray, answers: dict[str, np.ndarray]) -> None:
    """How far each peer's answer is from ours."""
    for name, answer in answers.items():
        print(
            f"  {name} and we differ by at most {largest_difference(own, answer):.0e} of a number"
        )


def compare_aalen_johansen(cases: pd.DataFrame, rounds: int) -> None:
    """Cumulative incidence of one cause among two, from the frame to the interval."""
    frame = cases[["follow_up_days", "cause"]].rename(columns={"cause": "event"})

    def ours() -> pd.DataFrame:
        return cumulative_incidence_function(event_table(frame), "cancer")

    taken = in_turn({"ours": ours}, rounds)
    coded = frame.assign(event=frame["event"].cat.codes)
    for package, (work, prepare, rows) in R_AALEN_JOHANSEN.items():
        of_r = in_r(work, prepare, {"cases": coded.head(rows)}, max(1, rounds // 3))
        if of_r is None:
            continue
        name = f"R {package}" + (f" (of {rows} children only)" if rows < len(cases) else "")
        curve = cumulative_incidence_function(event_table(frame.head(rows)), "cancer")
        own = curve.loc[curve["time_days"] <= AT, "cumulative_incidence"].to_numpy()[-1:]
        taken[name] = of_r[0]
        tell_differences(own, {name: of_r[1]["cumulative_incidence"].to_numpy()})
    say(f"Aalen–Johansen of {len(cases)}", taken.pop("ours"), taken)


READ_CASES = 'cases <- data.table::fread(file.path(folder, "cases.csv"), data.table = FALSE)'
R_AALEN_JOHANSEN = {
    "survfit": (
        f"""
        fit <- survfit(Surv(follow_up_days, event) ~ 1, data = cases, conf.type = "log-log")
        data.frame(cumulative_incidence = summary(fit, times = {AT})$pstate[, 2])
        """,
        f"library(survival); {READ_CASES}; cases$event <- factor(cases$event, 0:2)",
        20_000,
    ),
    "prodlim": (
        f"""
        fit <- prodlim(Hist(follow_up_days, event) ~ 1, data = cases, conf.int = 0.95)
        data.frame(cumulative_incidence = predict(fit, times = {AT}, cause = 1))
        """,
        f"library(prodlim); {READ_CASES}",
        10**9,
    ),
    "cmprsk": (
        f"""
        fit <- cuminc(cases$follow_up_days, cases$event)
        data.frame(cumulative_incidence = timepoints(fit, {AT})$est[1, 1])
        """,
        f"library(cmprsk); {READ_CASES}",
        10**9,
    ),
}

COMPARISONS = {"kaplan-meier": compare_kaplan_meier, "aalen-johansen": compare_aalen_johansen}


def main() -> None:
    """Read the size, run the comparisons asked for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", 1)[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=COMPARISONS)
    given = parser.parse_args()
    cases = children(given.rows)
    for name, compare in COMPARISONS.items():
        if given.only in (None, name):
            compare(cases, given.rounds)


if __name__ == "__main__":
    main()
