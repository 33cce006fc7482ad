"""The sentences under a figure: what is withheld, cut, provisional or without a place."""

from collections.abc import Sequence

import pandas as pd

from analysis.display.columns import FITTED, estimate_of, is_missing, is_provisional, value_label
from analysis.display.disclosure.public_table import PUBLISHED, Published
from analysis.display.disclosure.suppressed_curves import PublicCurve, at_whole_years
from analysis.display.language import say_p, say_value
from analysis.quantities import notes_of
from analysis.strata import curve_strata
from analysis.terms import has_label, label

LIFE_TABLE_ENDS = (
    "life_table_before_year",
    "life_table_after_year",
    "life_table_before_age",
    "life_table_after_age",
)


def hidden_note(published: Published, language: str, minimum: int) -> tuple[str, ...]:
    """That a number is withheld, or not estimated since too few are at risk; and what a life table does not cover."""
    hidden = bool(published.withheld.any())
    said = (label("note.figure_hidden", language).replace("{n}", str(minimum)),) if hidden else ()
    return (*said, *estimation_notes(published, language))


def estimation_notes(published: Published, language: str) -> tuple[str, ...]:
    """What the estimates of a table note of themselves: fewest at risk, and where their life table ends."""
    frame = published.frame
    fewest, measure = notes_of(frame).get("fewest_at_risk"), estimate_of(frame)
    few = ()
    if (
        fewest
        and measure
        and "at_risk" in frame.columns
        and (frame[measure].isna() & (frame["at_risk"] != 0)).any()
    ):
        few = (label("note.few_at_risk", language).replace("{n}", f"{fewest:g}"),)
    return (*few, *life_table_notes(frame, language))


def life_table_notes(frame: pd.DataFrame, language: str) -> tuple[str, ...]:
    """Where the life table ends before the children do, and whose rates stand in."""
    ends = [column for column in LIFE_TABLE_ENDS if column in frame.columns]
    return tuple(
        label(f"note.{end}", language).replace("{limit}", f"{limit:.0f}")
        for end in ends
        for limit in frame[end].dropna().unique()
    )


def scales_note(language: str) -> tuple[str, ...]:
    """That panels are not on one scale."""
    return (label("note.own_scales", language),)


def overall_note(frame: pd.DataFrame, measure: str, language: str) -> tuple[str, ...]:
    """What the line of reference is."""
    overall = overall_of(frame)
    if overall is None:
        return ()
    return (
        label("note.overall", language).replace("{value}", say_value(measure, overall, language)),
    )


def overall_of(frame: pd.DataFrame) -> float | None:
    """The estimate of all together, where it may be told."""
    # Every row has the same value, but those that were withheld.
    told = frame["overall"].dropna() if "overall" in frame.columns else pd.Series(dtype=float)
    return float(told.iloc[0]) if len(told) else None


def goal_of(frame: pd.DataFrame) -> float | None:
    """The goal of all units, where they have one and the same."""
    goals = pd.to_numeric(frame["goal"]).dropna().unique() if "goal" in frame.columns else []
    # One line across is drawn for one goal; several stand as strokes at their own rows.
    return float(goals[0]) if len(goals) == 1 else None


def goal_notes(frame: pd.DataFrame, language: str, *drawn: str) -> tuple[str, ...]:
    """How a goal is drawn, and what the marks of those who meet it mean."""
    if "goal" not in frame.columns or frame["goal"].isna().all():
        return ()
    judged = "goal_verdict" in frame.columns and frame["goal_verdict"].notna().any()
    return tuple(label(key, language) for key in (*drawn, *(["note.goal"] if judged else [])))


def fit_notes(frame: pd.DataFrame, language: str) -> tuple[str, ...]:
    """What points, line and band are where a trend is drawn, and where it bends."""
    if "fitted" not in frame.columns or frame["fitted"].isna().all():
        return ()
    banded = set(FITTED) <= set(frame.columns)
    bends = (
        "joinpoint" in frame.columns
        and pd.to_numeric(frame["joinpoint"]).fillna(0).astype(bool).any()
    )
    keys = ["note.trend_band" if banded else "note.trend", *(["note.joinpoint"] if bends else [])]
    return tuple(label(key, language) for key in keys)


def gap_notes(published: Published, measure: str, language: str) -> tuple[str, ...]:
    """What a stroke at the foot is, and that most points are withheld where they are."""
    # A stroke tells where a number is withheld; where none was estimated there is none.
    hidden = published.why(measure) != PUBLISHED
    keys = [
        *(["note.gap"] if hidden.any() else []),
        *(["note.mostly_hidden"] if hidden.mean() > 0.5 else []),
    ]
    return tuple(label(key, language) for key in keys)


def provisional_note(values: pd.Series, provisional: object, language: str) -> tuple[str, ...]:
    """What hollow means."""
    there = any(is_provisional(value, provisional) for value in values)
    return (label("note.provisional", language),) if there else ()


def unplaced_note(published: Published, x: str, language: str) -> tuple[str, ...]:
    """That rows have no place along the axis."""
    missing = published.frame[x].isna().any()
    return (label("note.unplaced", language).replace("{x}", label(x, language)),) if missing else ()


def cut_note(cut: bool, language: str) -> tuple[str, ...]:
    """That an axis does not start at zero."""
    return (label("note.axis_cut", language),) if cut else ()


def heterogeneity_note(
    pooled: pd.DataFrame, tested: pd.DataFrame | None, language: str
) -> tuple[str, ...]:
    """Whether the parts differ by more than chance: Cochran's Q with its p value, and I².

    It stands on the row of all together, or in a table of its own, where Q is called ``test_statistic``.
    """
    test = pooled.iloc[0].dropna().to_dict() if len(pooled) else {}
    if tested is not None and len(tested):
        named = tested.rename(columns={"test_statistic": "heterogeneity"})
        test = {**named.iloc[0].to_dict(), **test}
    if is_missing(test.get("heterogeneity")):
        return ()
    q = say_value("heterogeneity", test["heterogeneity"], language)
    sentence = label("note.heterogeneity", language).replace("{q}", q)
    if not is_missing(test.get("degrees_of_freedom")):
        degrees = f"{test['degrees_of_freedom']:.0f}"
        sentence += label("note.heterogeneity_df", language).replace("{n}", degrees)
    if not is_missing(test.get("p_value")):
        sentence += f", {say_p(test['p_value'], language)}"
    if not is_missing(test.get("i_squared")):
        sentence += f"; I² = {say_value('i_squared', test['i_squared'], language)}"
    return (sentence + ".",)


def curve_notes(
    public: PublicCurve, curve: pd.DataFrame, approach: str | None, language: str, minimum: int
) -> tuple[str, ...]:
    """Where curves end, what is not told under and beside them, and how they were estimated.

    ``curve`` is what ``public`` was made of: it notes where its life table ends, also where nothing of it is shown.
    """
    strata, shown = curve_strata(curve), public.frame
    notes = [label("note.curve_end", language).replace("{n}", str(minimum))]
    if shown.loc[at_whole_years(shown), "at_risk"].isna().any():
        notes.append(label("note.at_risk_hidden", language).replace("{n}", str(minimum)))
    if strata and public.withheld_strata:
        names = _names_of(strata, public.withheld_strata, language)
        withheld = label("note.withheld_strata", language).replace("{n}", str(minimum))
        notes.append(withheld.replace("{names}", names))
    if public.emptied_strata:
        # A curve without strata has no name; it is that of all.
        names = _names_of(strata, public.emptied_strata, language) or _all(language)
        notes.append(label("note.emptied", language).replace("{names}", names))
    explained = f"note.approach_{approach}"
    if has_label(explained):
        notes.append(label(explained, language))
    return (*notes, *life_table_notes(curve, language))


def _all(language: str) -> str:
    return label("all", language).lower()


def _names_of(strata: list[str], listed: Sequence[tuple], language: str) -> str:
    """Strata by name: the values of one joined with commas, several with semicolons."""
    names = [
        ", ".join(
            value_label(*pair, language, short=True) for pair in zip(strata, values, strict=True)
        )
        for values in listed
    ]
    return ("; " if len(strata) > 1 else ", ").join(names)
