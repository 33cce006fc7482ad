"""Layouts of extracts that are known by their columns. What they hold is data: ``layouts.yml``."""

from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files

import pandas as pd
import yaml

from analysis.register.mapping.mapping_file import Mapping, read_mapping

MEAN_POPULATION = "pop_midyear"
# In NORDCAN's regions tens are countries (50 is Norway) and what follows are their parts (51 to 54).
PARTS_OF = 10


def known_layout(columns: Iterable[str], table: str, automatic: bool = True) -> dict | None:
    """The mapping of a layout that has these columns, or None where no layout does.

    Parameters
    ----------
    columns
        The extract's column names.
    table
        ``"cases"``, ``"population"`` or ``"life_table"``.
    automatic
        Only layouts that are read without being asked for (NORDCAN's); else also those that
        `propose_mapping` knows and a person confirms.

    Examples
    --------
    >>> known_layout(["Year", "Sex", "Region", "Agegroup", "Pop_MidYear"], "population")["columns"]["year"]
    {'column': 'Year'}
    """
    layout = find_layout(columns, table, automatic)
    return {"columns": layout["columns"]} if layout else None


def find_layout(columns: Iterable[str], table: str, automatic: bool = True) -> dict | None:
    """A layout with its name and its mapping in the spelling of these columns; see `known_layout`."""
    spelled = {str(column).strip().lower(): column for column in columns}
    for layout in _layouts():
        is_sought = layout["table"] == table and (layout["automatic"] or not automatic)
        names = [_spelling(column, spelled) for column in layout["recognised_by"]]
        if is_sought and None not in names:
            return layout | {"columns": _present(layout, spelled)}
    return None


def recognise_layout(
    pieces: Iterable[pd.DataFrame], table: str
) -> tuple[Iterable[pd.DataFrame], Mapping | None]:
    """Know a source without a mapping by its columns.

    Parameters
    ----------
    pieces
        The source, piece by piece; read no further than needed.
    table
        What it is read as.

    Returns
    -------
    tuple
        The same pieces, and the mapping of their layout (None where it is not known). A population comes as
        one piece: rows of a country whose parts are there too are left out by the mapping, and where only the
        ends of years are given their mean is added (a year without the one before it has none, and no row).
    """
    pieces = iter(pieces)
    first = next(pieces, None)
    layout = None if first is None else find_layout(first.columns, table)
    if layout is None:
        return _chain(first, pieces), None
    if table != "population":
        return _chain(first, pieces), read_mapping({"columns": layout["columns"]})
    # Totals and means need the whole table; a population is small beside its children.
    population = pd.concat([first, *pieces])
    mapping = {"columns": layout["columns"], "leave_out": _totals(population, layout)}
    if "mean_of_year_ends" in layout:
        population = _add_mean_population(population, layout)
    return iter([population]), read_mapping(mapping)


def _chain(first: pd.DataFrame | None, others: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
    if first is not None:
        yield first
    yield from others


def _spelling(column: str, spelled: dict) -> str | None:
    """The extract's own spelling of a layout's column, or None."""
    return next(
        (spelled[name.lower()] for name in str(column).split() if name.lower() in spelled), None
    )


def _present(layout: dict, spelled: dict) -> dict:
    """The rules of a layout, each with the extract's own spelling of its column."""
    # The mean is not of the extract: it is added to the population once its layout is known.
    added = {MEAN_POPULATION: MEAN_POPULATION} if "mean_of_year_ends" in layout else {}
    rules = {}
    for name, rule in layout["columns"].items():
        column = _spelling(rule["column"], spelled | added)
        if column is not None:
            rules[name] = rule | {"column": column}
    return rules


def _totals(population: pd.DataFrame, layout: dict) -> list[dict]:
    """Rows of a whole country, where its parts are in the same table."""
    region = layout["columns"]["region"]["column"]
    codes = {int(code) for code in _numbers(population[region]).dropna().unique()}
    whole = [
        str(code)
        for code in sorted(codes)
        if code % PARTS_OF == 0 and codes & set(range(code + 1, code + PARTS_OF))
    ]
    if not whole:
        return []
    # Both the total and its parts would count every child of the country twice.
    return [{"column": region, "codes": whole, "reason": "a country's total beside its parts"}]


def _add_mean_population(population: pd.DataFrame, layout: dict) -> pd.DataFrame:
    columns = layout["columns"]
    strata = [columns[name]["column"] for name in ("region", "sex", "age_group")]
    names = {str(column).lower(): column for column in population.columns}
    year, ends = columns["year"]["column"], names[layout["mean_of_year_ends"]]
    at_end = population[strata].assign(
        year=_numbers(population[year]), end=_numbers(population[ends])
    )
    # The end of one year is the beginning of the next.
    before = at_end.assign(year=at_end["year"] + 1).rename(columns={"end": "start"})
    before = before.drop_duplicates([*strata, "year"])
    start = at_end.merge(before, on=[*strata, "year"], how="left")["start"].to_numpy()
    mean = (at_end["end"] + start) / 2
    # A population that is not a number stays, to be told as a fault.
    stays = mean.notna() | at_end["end"].isna()
    return population.assign(**{MEAN_POPULATION: mean})[stays]


def _numbers(column: pd.Series) -> pd.Series:
    return pd.to_numeric(column, errors="coerce").astype("float64")


@cache
def _layouts() -> tuple[dict, ...]:
    text = files("analysis.register.mapping").joinpath("layouts.yml").read_text("utf-8")
    # Every value is text, as in a mapping: NO is Norway and 01 is not 1.
    return tuple(_as_rules(layout) for layout in yaml.load(text, Loader=yaml.BaseLoader))


def _as_rules(layout: dict) -> dict:
    return layout | {"automatic": layout["automatic"] == "true"}
