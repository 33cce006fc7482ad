"""Tables that can be read aloud, printed and taken into a spreadsheet."""

from collections.abc import Mapping, Sequence
from functools import cache

import pandas as pd
from jinja2 import Environment, PackageLoader

from analysis.display.columns import (
    ADDITIVE_COUNTS,
    COUNTS,
    INTERVAL,
    JUDGEMENTS,
    MEASURES,
    P_VALUES,
    PLAIN,
    column_label,
    estimate_of,
    is_missing,
    kind_of,
    plain,
    times_looked_at,
    value_label,
)
from analysis.display.disclosure.exports import machine_csv
from analysis.display.disclosure.flows import suppress_flow
from analysis.display.disclosure.public_table import PROTECTING, PUBLISHED, SMALL, Published
from analysis.display.disclosure.published_tables import publish
from analysis.display.exhibit import Exhibit
from analysis.display.language import say_limits, say_number, say_p, say_percent, say_value
from analysis.display.tables.grouping import grouped_bodies, key_columns, shared_names
from analysis.display.wording.alternatives import flow_alternative, table_alternative
from analysis.display.wording.goals import GOAL_MARKS
from analysis.display.wording.notes import estimation_notes, goal_notes
from analysis.quantities import with_trait
from analysis.terms import has_label, label

# Columns beyond which groups go by their short names, also where they stand alone.
WIDE = 6
# What has no column of its own: limits stand behind their estimate.
HIDDEN = with_trait("hidden")


def table(
    frame: pd.DataFrame,
    language: str,
    minimum: int,
    totals: Sequence[Sequence[str]] | None = None,
    count: str | Sequence[str] | None = None,
    decimals: Mapping[str, int] | None = None,
) -> Exhibit:
    """A table of strata, counts and estimates, small numbers withheld.

    Columns read: strata first, then any count, denominator and estimate; ``lower`` and ``upper`` are
    merged behind the estimate in front of them; ``per`` (a rate's unit) becomes part of its heading. With two
    or more strata (or ``years``) a name is printed once for the lines that share it, and groups go by
    their short names, as in a table of many columns; the CSV keeps the code on every line.

    Parameters
    ----------
    frame
        One row a line, in the order to be printed; no total rows.
    language
        ``"en"`` or ``"nb"``.
    minimum
        Smallest publishable count.
    totals
        Totals that are printed or known elsewhere, as in :func:`suppress_counts`. None: the grand total is
        known. With ``[]`` among them a line with the grand totals of the counts is printed.
    count
        The count columns, where they are not those of the house.
    decimals
        Decimals by column, where the usual ones do not do.

    Examples
    --------
    >>> shown = table(pd.DataFrame({"sex": ["male", "female"], "cases": [120, 98]}), "en", 5)
    >>> shown.csv.splitlines()
    ['sex,cases,suppressed', 'male,120,false', 'female,98,false']
    """
    published = publish(frame, minimum, totals, count)
    columns = [column for column in published.frame.columns if column not in HIDDEN]
    heads = [_head(column, published.frame, language) for column in columns]
    interval_after = (
        estimate_of(published.frame) if set(INTERVAL) <= set(published.frame.columns) else None
    )
    if interval_after:
        position = columns.index(interval_after) + 1
        heads.insert(position, {"text": label("interval_95", language), "numeric": True})
    keys = key_columns(published.frame, columns)
    style = (
        language,
        minimum,
        _whole(published.frame) | dict(decimals or {}),
        len(keys) > 1 or len(heads) > WIDE,
    )
    rows = [_row(published, row, columns, interval_after, style) for row in published.frame.index]
    cells = [
        name
        for column in columns
        for name in ([column, "interval"] if column == interval_after else [column])
    ]
    bodies = _bodies(published.frame, rows, keys, cells)
    footer = (
        _total_row(frame, published, columns, interval_after, language)
        if [] in list(totals or ())
        else None
    )
    body = _template().render(heads=heads, bodies=bodies, footer=footer)
    if published.frame.empty:
        body = f"<p>{label('alt.nothing', language)}</p>"
    alternative = table_alternative(published.frame, language)
    return Exhibit(
        "table", body, machine_csv(published), alternative, notes_of(published, language, minimum)
    )


def notes_of(published: Published, language: str, minimum: int) -> tuple[str, ...]:
    """The lines that explain what is missing from an exhibit."""
    marks = published.marks.to_numpy()
    notes = []
    if (marks == SMALL).any():
        notes.append(label("note.small", language).replace("{n}", str(minimum)))
    if (marks == PROTECTING).any():
        notes.append(label("note.protecting", language).replace("{n}", str(minimum)))
    return (*notes, *goal_notes(published.frame, language), *estimation_notes(published, language))


def flow_table(flow: pd.DataFrame, language: str, minimum: int) -> Exhibit:
    """The inclusion flow: each criterion, how many it left out, how many remain.

    Columns read: ``criterion``, ``left_out``, ``remaining``. Criteria that left out 1 to ``minimum`` − 1 are
    pooled, and so few are not told to remain; see :func:`suppress_flow`.

    Examples
    --------
    >>> flow = pd.DataFrame({"criterion": ["all", "age"], "left_out": [0, 40], "remaining": [100, 60]})
    >>> flow_table(flow, "en", 5).csv.splitlines()[-1]
    'age,40,60,false'
    """
    public = suppress_flow(flow, minimum)
    marks = pd.DataFrame(
        {"left_out": [PROTECTING if hidden else PUBLISHED for hidden in public["suppressed"]]}
    )
    published = Published(public.drop(columns="suppressed"), marks, {})
    rows = [_flow_row(line, language, minimum) for line in public.itertuples(index=False)]
    heads = [_head(column, public, language) for column in ("criterion", "left_out", "remaining")]
    body = _template().render(heads=heads, bodies=[rows], footer=None)
    pooled = (public["criterion"] == "other_reasons").any()
    few = (public["suppressed"] & (public["criterion"] == "other_reasons")).any()
    keys = [*(["note.flow"] if pooled else []), *(["note.flow_few"] if few else [])]
    notes = tuple(label(key, language).replace("{n}", str(minimum)) for key in keys)
    return Exhibit("table", body, machine_csv(published), flow_alternative(public, language), notes)


def record_table(pairs: Sequence[Sequence[object]], language: str) -> Exhibit:
    """Key figures or definitions: a label, a value already said, and a note.

    Parameters
    ----------
    pairs
        ``(label, value)`` or ``(label, value, note)``; labels are looked up in ``terms.csv``, values are text
        as it is to be read (``say_count``, ``say_estimate`` … withhold for themselves).
    language
        ``"en"`` or ``"nb"``.

    Examples
    --------
    >>> record_table([("cases", "204")], "nb").csv.splitlines()[1]
    'Antall tilfeller,204,'
    """
    lines = [(label(pair[0], language), *map(str, pair[1:]), "")[:3] for pair in pairs]
    with_notes = any(line[2] for line in lines)
    names = ("key_figure", "value", "note")[: 3 if with_notes else 2]
    heads = [{"text": label(name, language), "numeric": False} for name in names]
    rows = [
        [_cell(text, header=position == 0) for position, text in enumerate(line[: len(names)])]
        for line in lines
    ]
    listed = pd.DataFrame(lines, columns=["key_figure", "value", "note"])
    exported = machine_csv(Published(listed, pd.DataFrame(index=listed.index), {})).replace(
        ",suppressed\n", "\n"
    )
    exported = "\n".join(line.removesuffix(",false") for line in exported.split("\n"))
    alternative = "; ".join(f"{line[0]}: {line[1]}" for line in lines)
    return Exhibit(
        "table", _template().render(heads=heads, bodies=[rows], footer=None), exported, alternative
    )


@cache
def _template():
    pages = Environment(
        loader=PackageLoader("analysis.display.tables", "template"),
        autoescape=True,
        trim_blocks=True,
    )
    return pages.get_template("table.html.j2")


def _head(column: str, frame: pd.DataFrame, language: str) -> dict:
    numeric = column in (*MEASURES, *PLAIN, "left_out", "remaining", "goal") or _holds_numbers(
        column, frame
    )
    return {
        "text": column_label(column, frame, language),
        "numeric": numeric and column not in ("year",),
    }


def _is_code(column: str, value: object) -> bool:
    """Whether a number stands for something that has a name."""
    return value_label(column, value, "en") != plain(value)


def _holds_numbers(column: str, frame: pd.DataFrame) -> bool:
    """Whether a column that is no measure holds numbers that are read as such."""
    known = frame[column].dropna()
    return pd.api.types.is_float_dtype(known) and not any(
        _is_code(column, value) for value in known.unique()
    )


def _whole(frame: pd.DataFrame) -> dict[str, int]:
    """No decimals for the columns that are no measure and hold whole numbers."""
    others = [
        column
        for column in frame.columns
        if column not in MEASURES and _holds_numbers(column, frame)
    ]
    return {column: 0 for column in others if (frame[column].dropna() % 1 == 0).all()}


def _bodies(
    frame: pd.DataFrame, rows: list[list[dict]], keys: list[str], names: list[str]
) -> list[list[list[dict]]]:
    """The lines; by the name in front where lines share it. ``names`` are those of the cells of a line."""
    spans = shared_names(frame, keys)
    if len(keys) < 2 or not any(span > 1 for span in spans[0]):
        return [rows]
    return grouped_bodies(rows, [names.index(key) for key in keys], spans)


def _row(
    published: Published, row: int, columns: list[str], interval_after: str | None, style: tuple
) -> list[dict]:
    cells, line = [], published.frame.loc[row]
    for position, column in enumerate(columns):
        why = published.why(column)[row]
        measured = column in MEASURES or why != PUBLISHED
        kind = kind_of(column, published.frame)
        cells.append(
            _measured(kind, line[column], why, style) if measured else _named(column, line, style)
        )
        cells[-1]["scope"] = "row" if position == 0 else ""
        if column == interval_after:
            cells.append(_interval(column, line, why, style))
    return cells


def _named(column: str, line: pd.Series, style: tuple) -> dict:
    value, language, decimals, short = (
        line[column],
        style[0],
        style[2],
        style[3] and column != "years",
    )
    if column == "goal_verdict":
        return _cell("" if is_missing(value) else value_label(column, value, language)) | {
            "mark": GOAL_MARKS.get(value, "")
        }
    if column == "goal":
        said = (
            value
            if isinstance(value, str)
            else ""
            if is_missing(value)
            else say_percent(value, language, 0)
        )
        return _cell(said, numeric=True)
    if (
        isinstance(value, float)
        and not is_missing(value)
        and column not in PLAIN
        and not _is_code(column, value)
    ):
        return _cell(say_number(value, language, decimals.get(column, 1)), numeric=True)
    numeric = column in PLAIN and column != "year"
    return _cell(value_label(column, value, language, short), numeric=numeric)


def _measured(column: str, value: object, why: str, style: tuple) -> dict:
    language, minimum, decimals = style[:3]
    if why != PUBLISHED:
        hidden = _withheld(why if column in COUNTS else PROTECTING, language, minimum)
        return hidden | {"numeric": column not in JUDGEMENTS}
    if is_missing(value):
        return _cell(label("not_estimated", language), numeric=True, quiet=True)
    if column in P_VALUES:
        said = (
            say_p(value, language)
            .removeprefix("p\N{NO-BREAK SPACE}")
            .removeprefix("=\N{NO-BREAK SPACE}")
        )
    else:
        said = (
            plain(value)
            if column in PLAIN
            else say_value(column, value, language, decimals.get(column))
        )
    return _cell(said, numeric=True)


def _interval(column: str, line: pd.Series, why: str, style: tuple) -> dict:
    language, minimum, decimals = style[:3]
    if why != PUBLISHED:
        return _withheld(PROTECTING, language, minimum)
    if is_missing(line["lower"]) or is_missing(line["upper"]):
        return _cell(label("not_estimated", language), numeric=True, quiet=True)
    said = say_limits(column, line["lower"], line["upper"], language, decimals.get(column))
    return _cell(f"({said})", numeric=True)


def _withheld(why: str, language: str, minimum: int) -> dict:
    text = f"<{minimum}" if why == SMALL else "–"
    explained = label("fewer_than_hidden" if why == SMALL else "not_shown", language).replace(
        "{n}", str(minimum)
    )
    return _cell(text, numeric=True, quiet=True) | {"explained": explained}


def _total_row(
    frame: pd.DataFrame,
    published: Published,
    columns: list[str],
    interval_after: str | None,
    language: str,
) -> list[dict]:
    cells = [_cell(label("total", language), header=True)]
    once = not times_looked_at(frame)
    for column in columns[1:]:
        shown = (
            once
            and column in ADDITIVE_COUNTS
            and ((), ()) not in published.hidden_totals.get(column, ())
        )
        cells.append(
            _cell(say_number(frame[column].sum(), language) if shown else "", numeric=True)
        )
        if column == interval_after:
            cells.append(_cell(""))
    return cells


def _flow_row(line, language: str, minimum: int) -> list[dict]:
    key = f"criterion.{line.criterion}"
    name = _cell(label(key if has_label(key) else line.criterion, language), header=True)
    if line.suppressed and line.criterion != "other_reasons":
        return [name, _withheld(SMALL, language, minimum), _told(line.remaining, language)]
    if line.suppressed:
        few_remain = is_missing(line.remaining)
        remaining = (
            _withheld(SMALL, language, minimum) if few_remain else _told(line.remaining, language)
        )
        return [name, _withheld(PROTECTING, language, minimum), remaining]
    return [name, _told(line.left_out, language), _told(line.remaining, language)]


def _told(number: object, language: str) -> dict:
    return _cell("" if is_missing(number) else say_number(number, language), numeric=True)


def _cell(text: str, numeric: bool = False, quiet: bool = False, header: bool = False) -> dict:
    return {
        "text": text,
        "numeric": numeric,
        "quiet": quiet,
        "scope": "row" if header else "",
        "span": 1,
        "explained": "",
        "mark": "",
    }
