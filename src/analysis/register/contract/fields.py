"""The kinds of column and rule that the data contract is made of.

Each column carries its description, its kind and its values in words, for the data dictionary.
"""

from collections.abc import Callable

import pandas as pd
import pandera.pandas as pa


def text(
    description: str, pattern: str = r".+", must: str = "must be filled text", **options
) -> pa.Column:
    """A column of text that has a form; ``must`` says it in words."""
    check = pa.Check.str_matches(rf"^(?:{pattern})$", error=must)
    return _column("text", description, check, must, **options)


def code(description: str, codes: tuple[str | int, ...], **options) -> pa.Column:
    """A column of codes: text, or whole numbers where the codes are."""
    values = ", ".join(str(code) for code in codes)
    kind = "text" if isinstance(codes[0], str) else "whole"
    return _column(
        kind, description, pa.Check.isin(codes, error=f"must be one of {values}"), values, **options
    )


def day(description: str, **options) -> pa.Column:
    """A column of calendar days."""
    # Wide enough for every birth of a registry; what lies outside is a slip or a code for unknown.
    check = pa.Check.in_range(
        pd.Timestamp("1850-01-01"), pd.Timestamp("2100-01-01"), error="must lie in 1850–2099"
    )
    return _column("date", description, check, "date, YYYY-MM-DD", **options)


def number(
    description: str, lowest: float, highest: float, kind: str = "whole", **options
) -> pa.Column:
    """A column of numbers within a span; ``kind`` is ``"whole"`` or ``"decimal"``."""
    span = f"from {lowest:g}" + (f" to {highest:g}" if highest != float("inf") else "")
    check = pa.Check.in_range(lowest, highest, error=f"must be a {kind} number {span}")
    return _column(kind, description, check, f"{kind} number {span}", **options)


def _column(
    kind: str, description: str, check: pa.Check, values: str, required: bool = False
) -> pa.Column:
    return pa.Column(
        None,
        check,
        nullable=not required,
        required=required,
        description=description,
        metadata={"kind": kind, "values": values},
    )


def rule(error: str, *columns: str, holds: Callable[[pd.DataFrame], pd.Series]) -> pa.Check:
    """A rule over several columns; it speaks only where all of them are filled."""

    def check(frame: pd.DataFrame) -> pd.Series:
        # What is not filled is told by a rule of its own where it is required.
        if any(column not in frame for column in columns):
            return pd.Series(True, index=frame.index)
        return holds(frame).fillna(True).astype(bool) | frame[list(columns)].isna().any(axis=1)

    return pa.Check(check, error=error, ignore_na=False)


def either(error: str, *choices: str) -> pa.Check:
    """At least one of these columns is filled in every row."""

    def check(frame: pd.DataFrame) -> pd.Series:
        present = [column for column in choices if column in frame]
        return (
            frame[present].notna().any(axis=1) if present else pd.Series(False, index=frame.index)
        )

    return pa.Check(check, error=error, ignore_na=False)


def ordered(earlier: str, later: str) -> pa.Check:
    """One date does not come before another."""
    return rule(
        f"{later} must not be before {earlier}",
        earlier,
        later,
        holds=lambda frame: frame[later] >= frame[earlier],
    )
