"""The same counts from every kind of frame, grouped where the rows lie."""

import importlib.util

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from analysis.counts import case_counts, event_table, rate_table
from analysis.errors import InputError, MissingStepError

duckdb = pytest.importorskip("duckdb")


@pytest.fixture(scope="module")
def children():
    random = np.random.default_rng(11)
    rows = 400
    days = np.where(random.random(rows) < 0.1, 0.5, random.integers(1, 700, rows))
    return pd.DataFrame(
        {
            "sex": random.choice(np.array(["male", "female", None], dtype=object), rows),
            "year": random.integers(2000, 2004, rows),
            "follow_up_days": days,
            "event": random.integers(0, 2, rows),
            "entry_days": np.where(days > 100, random.integers(0, 100, rows), 0),
            "weight": random.random(rows),
        }
    )


@pytest.fixture(scope="module")
def spark():
    if importlib.util.find_spec("pyspark"):
        from pyspark.sql import SparkSession

        return SparkSession.builder.master("local[1]").getOrCreate()
    sqlframe = pytest.importorskip(
        "sqlframe.duckdb", reason="neither pyspark nor sqlframe, which speaks as it does"
    )
    return sqlframe.DuckDBSession()


@pytest.fixture(params=["polars", "polars lazy", "arrow", "duckdb", "spark"])
def engine(request):
    """From a pandas frame to another kind of frame."""
    if request.param == "spark":
        session = request.getfixturevalue("spark")
        return lambda frame: session.createDataFrame(frame)
    connection = duckdb.connect()
    return {
        "polars": pl.from_pandas,
        "polars lazy": lambda frame: pl.from_pandas(frame).lazy(),
        "arrow": pa.Table.from_pandas,
        "duckdb": lambda frame: connection.from_arrow(pa.Table.from_pandas(frame)),
    }[request.param]


@pytest.mark.parametrize("columns", [["weight", "entry_days"], ["weight"]])
@pytest.mark.parametrize("by", [[], ["sex"], ["sex", "year"]])
def test_event_tables_are_those_of_the_frame(engine, children, by, columns):
    cases = children.drop(columns=columns)
    pd.testing.assert_frame_equal(event_table(engine(cases), by), event_table(cases, by))


def test_weights_are_added_up_in_the_engine(engine, children):
    cases = children.drop(columns="entry_days")
    ours, theirs = (
        event_table(frame, ["sex"], weights="weight") for frame in (cases, engine(cases))
    )
    pd.testing.assert_frame_equal(ours, theirs, rtol=1e-12)


def test_causes_are_named_where_an_engine_has_text(engine, children):
    causes = np.array(["alive", "cancer", "other"])[
        children["event"] + children["year"] % 2 * children["event"]
    ]
    cases = children.drop(columns="entry_days").assign(event=causes.astype(object))
    outcomes = ["alive", "cancer", "other"]
    whole = event_table(cases, ["sex"], outcomes=outcomes)
    assert whole[["events_cancer", "events_other"]].sum().gt(0).all()
    pd.testing.assert_frame_equal(event_table(engine(cases), ["sex"], outcomes=outcomes), whole)
    with pytest.raises(InputError, match="event: must be one of outcomes, and filled in"):
        event_table(engine(cases), outcomes=outcomes[:2])


def test_a_count_table_of_an_engine_is_summed(engine, children):
    counted = (
        children.groupby(["year", "follow_up_days", "event"]).size().rename("cases").reset_index()
    )
    cases = children.drop(columns="entry_days")
    pd.testing.assert_frame_equal(
        event_table(engine(counted), ["year"]), event_table(cases, ["year"])
    )


def test_faults_are_counted_by_rule_without_row_numbers(engine, children):
    wrong = children["follow_up_days"].mask(children.index < 7, -3).mask(children.index == 8)
    with pytest.raises(InputError) as refused:
        event_table(engine(children.drop(columns="entry_days").assign(follow_up_days=wrong)))
    assert refused.value.faults == (
        "follow_up_days: must be filled in 1 row",
        "follow_up_days: must not be negative in 7 rows",
    )
    with pytest.raises(InputError, match="weight: must be 0 or more in 2 rows"):
        event_table(
            engine(children.assign(weight=children["weight"].mask(children.index < 2, -1))),
            weights="weight",
        )
    with pytest.raises(MissingStepError, match="add_follow_up"):
        event_table(engine(children[["sex"]]))


def test_case_counts_and_rate_tables(engine, children):
    pd.testing.assert_frame_equal(
        case_counts(engine(children), ["sex"]), case_counts(children, ["sex"])
    )
    assert case_counts(engine(children))["cases"].tolist() == [len(children)]
    population = pd.DataFrame({"year": range(2000, 2005), "persons": 1000})
    by = ["year", "event"]
    pd.testing.assert_frame_equal(
        rate_table(engine(children), population, by),
        rate_table(children, population, by),
        check_dtype=False,
    )


def test_categories_of_polars_count_as_causes_when_they_have_an_order(children):
    cases = children.drop(columns="entry_days").assign(
        event=pd.Categorical.from_codes(children["event"], ["z", "a"])
    )
    ordered = pl.from_pandas(cases).with_columns(pl.col("event").cast(pl.Enum(["z", "a"])))
    pd.testing.assert_frame_equal(event_table(ordered), event_table(cases))
    pd.testing.assert_frame_equal(event_table(pa.Table.from_pandas(cases)), event_table(cases))
    with pytest.raises(InputError, match="event: must be 0 or 1"):
        event_table(ordered.with_columns(pl.col("event").cast(pl.Categorical)))


def test_what_is_no_frame_is_refused():
    with pytest.raises(InputError, match="must be a frame"):
        event_table([1, 2])
