"""Tables that can be read aloud, printed and taken into a spreadsheet."""

from collections.abc import Mapping, Sequence
from functools import cache

import pandas as pd
from jinja2 import Environment, PackageLoader

from analysis.display.disclosure.exports import machine_csv
from analysis.display.disclosure.flows import suppress_flow
from analysis.display.disclosure.public_table import PROTECTING, PUBLISHED, SMALL, Published
from analysis.display.disclosure.published_tables import publish
from analysis.display.exhibit import Exhibit
from analysis.display.tables.grouping import grouped_bodies, shared_names
from analysis.display.tables.table_rows import (
    TableLayout,
    estimate_row,
    flow_row,
    head_cell,
    lay_out_table,
    table_cell,
    total_row,
)
from analysis.display.wording.alternatives import flow_alternative, table_alternative
from analysis.display.wording.notes import estimation_notes, goal_notes
from analysis.terms import label


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
        The count columns, where they are not those of quantities.csv.
    decimals
        Decimals by column, where the usual ones do not do.

    Examples
    --------
    >>> shown = table(pd.DataFrame({"sex": ["male", "female"], "cases": [120, 98]}), "en", 5)
    >>> shown.csv.splitlines()
    ['sex,cases,suppressed', 'male,120,false', 'female,98,false']
    """
    published = publish(frame, minimum, totals, count)
    layout = lay_out_table(published.frame, language, minimum, decimals or {})
    alternative = table_alternative(published.frame, language)
    body = f"<p>{label('alt.nothing', language)}</p>"
    if not published.frame.empty:
        with_totals = [] in list(totals or ())
        body = _template().render(
            heads=layout.heads(published.frame),
            bodies=_bodies(published, layout),
            footer=total_row(frame, published, layout) if with_totals else None,
        )
    return Exhibit(
        "table", body, machine_csv(published), alternative, notes_of(published, language, minimum)
    )


def _bodies(published: Published, layout: TableLayout) -> list[list[list[dict]]]:
    """The lines; by the name in front where lines share it."""
    rows = [estimate_row(published, row, layout) for row in published.frame.index]
    spans = shared_names(published.frame, layout.keys)
    if len(layout.keys) < 2 or not any(span > 1 for span in spans[0]):
        return [rows]
    names = layout.cells
    return grouped_bodies(rows, [names.index(key) for key in layout.keys], spans)


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
    rows = [flow_row(line, language, minimum) for line in public.itertuples(index=False)]
    heads = [
        head_cell(column, public, language) for column in ("criterion", "left_out", "remaining")
    ]
    body = _template().render(heads=heads, bodies=[rows], footer=None)
    pooled = (public["criterion"] == "other_reasons").any()
    # Lines that were withheld where they were counted have a sentence of their own there.
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
    columns = ["key_figure", "value", "note"]
    listed = pd.DataFrame(lines, columns=columns)
    # A column of empty notes would be read aloud cell by cell.
    shown = columns if any(listed["note"]) else columns[:2]
    heads = [{"text": label(name, language), "numeric": False} for name in shown]
    rows = [
        [table_cell(line[name], header=name == shown[0]) for name in shown]
        for line in listed.to_dict("records")
    ]
    body = _template().render(heads=heads, bodies=[rows], footer=None)
    alternative = "; ".join(f"{line[0]}: {line[1]}" for line in lines)
    return Exhibit("table", body, _csv_of_records(listed), alternative)


def _csv_of_records(listed: pd.DataFrame) -> str:
    """As every public CSV, without its last column: what is in a record is withheld where it is worded."""
    nothing_withheld = Published(listed, pd.DataFrame(index=listed.index), {})
    lines = machine_csv(nothing_withheld).split("\n")
    return "\n".join(line.removesuffix(",suppressed").removesuffix(",false") for line in lines)


@cache
def _template():
    pages = Environment(
        loader=PackageLoader("analysis.display.tables", "template"),
        autoescape=True,
        trim_blocks=True,
    )
    return pages.get_template("table.html.j2")
