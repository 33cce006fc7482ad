"""What each column is: the table itself, and that the stages add no column that it does not know."""

import inspect
import re
import subprocess
import sys

import pytest

import analysis.counts
import analysis.estimates
from analysis.quantities import (
    KINDS,
    TRAITS,
    UNITS,
    added_by,
    decimals_of,
    every_quantity,
    is_additive,
    is_count,
    is_note,
    of_kind,
    part_of,
    quantity,
    with_trait,
)

# Words of a layout that stand for what the caller names.
ANY_COLUMN = {"by", "units", "between", "group"}


STEPS = [
    getattr(stage, name)
    for stage in (analysis.counts, analysis.estimates)
    for name in stage.__all__
]


def documented_columns(step) -> set[str]:
    """The columns that a step's description says it adds, and those of its layout (``by… cases person_years``)."""
    text = inspect.getdoc(step) or ""
    described, _, listed = text.partition("Parameters\n---")
    columns = set()
    for sentence in re.findall(r"\b[Aa]dds(.*?)(?:\.\s|\Z)", described, re.DOTALL):
        columns |= set(re.findall(r"``([a-z]\w*)``", sentence))
    returned = re.search(r"Returns\n-+\n(.*?)(?:\n\w+\n-+\n|\Z)", listed, re.DOTALL)
    for layout in re.findall(r"``([^`]*)``", returned.group(1) if returned else ""):
        words = layout.split()
        if len(words) > 1 and re.fullmatch(r"[\w…<> \n]+", layout):
            columns |= {word.rstrip("…") for word in words if not word.startswith("<")}
    return columns - ANY_COLUMN


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_every_column_that_a_step_adds_is_known(step):
    parameters = set(inspect.signature(step).parameters)
    unknown = documented_columns(step) - set(every_quantity()) - parameters
    assert not unknown, f"{step.__name__} adds {sorted(unknown)}: a line each in quantities.csv"


def test_the_layouts_of_steps_are_seen():
    assert documented_columns(analysis.counts.rate_table) == {"cases", "person_years"}
    assert {"median_days", "lower_days"} <= documented_columns(analysis.estimates.median_survival)


def test_every_line_says_what_a_reader_may_rely_on():
    for column, known in every_quantity().items():
        assert known.kind in KINDS, column
        assert known.unit in UNITS, column
        assert known.traits <= set(TRAITS), column
        assert 0 <= known.decimals <= 3, column
        assert re.fullmatch(r"[a-z][a-z0-9_]*", column)
    assert {known.kind for known in every_quantity().values()} == set(KINDS)
    assert {trait for known in every_quantity().values() for trait in known.traits} == set(TRAITS)


def test_what_goes_together_goes_both_ways():
    for column, known in every_quantity().items():
        if known.part_of:
            assert is_count(column) and is_count(known.part_of)
        if known.withheld_with:
            assert quantity(known.withheld_with).withheld_with == column
    assert all(is_count(column) for column in with_trait("additive"))
    assert part_of("met") == "eligible" and part_of("cases") == "" and part_of("ward") == ""


def test_the_step_that_adds_a_column_is_there():
    for column in every_quantity():
        if step := added_by(column):
            _, stage, name = step.split(".")
            assert hasattr(__import__(f"analysis.{stage}", fromlist=[name]), name), column


def test_a_column_is_asked_after_by_its_name():
    assert quantity("ward") is None
    assert quantity("survival").unit == "proportion" and quantity("rate").unit == "per"
    assert is_count("met") and is_count("events_cancer")
    assert not is_count("rate") and not is_count("ward") and not is_count("eventsful")
    assert is_additive("met") and not is_additive("at_risk") and not is_additive("events_cancer")
    assert is_note("per") and not is_note("rate")
    assert added_by("event") == "analysis.cases.add_follow_up" and added_by("ward") == ""
    assert [decimals_of(name) for name in ("rate", "rate_ratio", "excess_hazard", "cases")] == [
        *(1, 2, 3, 0)
    ]
    assert decimals_of("ward") == 0


def test_columns_of_a_kind_come_in_the_order_of_the_file():
    assert of_kind("interval") == ("lower", "upper")
    assert of_kind("hazard", "interval") == of_kind("interval", "hazard")
    columns = list(every_quantity())
    assert list(of_kind("count", "rate")) == sorted(of_kind("rate", "count"), key=columns.index)


@pytest.mark.parametrize("ask", [of_kind, with_trait])
def test_a_kind_or_trait_that_is_none_is_a_mistake_of_the_code(ask):
    with pytest.raises(ValueError, match="called counts"):
        ask("counts")


def test_the_table_is_read_without_pandas():
    code = "import sys; import analysis.quantities as q; q.every_quantity(); assert 'pandas' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
