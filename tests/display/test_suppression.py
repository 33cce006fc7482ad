"""Small numbers: worked examples. What must hold for every table is in tests/properties."""

import numpy as np
import pandas as pd
import pytest

from analysis.display import suppress_counts, suppress_curve, suppress_flow
from analysis.errors import InputError, MissingStepError

MONTH = 365.25 / 12


def counts(**columns):
    return pd.DataFrame(columns)


def test_one_to_four_are_withheld_and_zero_is_shown():
    public = suppress_counts(counts(cases=[0, 1, 4, 5]))
    assert public["suppressed"].tolist() == [False, True, True, False]
    assert public["cases"].iloc[0] == 0


def test_what_would_reveal_the_count_goes_with_it():
    public = suppress_counts(counts(cases=[3, 30], rate=[1.5, 15.0]), also=["rate"])
    assert np.isnan(public["rate"].iloc[0]) and public["rate"].iloc[1] == 15.0


def test_a_single_small_cell_takes_another_with_it():
    public = suppress_counts(
        counts(sex=["male", "female", "other"], cases=[31, 12, 2]), totals=[[]]
    )
    assert public["suppressed"].tolist() == [False, True, True]


def test_two_fours_that_add_to_eight_need_a_third():
    public = suppress_counts(counts(cases=[4, 4, 20]), totals=[[]])
    assert public["suppressed"].all()


def test_a_protecting_five_has_no_room_to_hide_behind():
    public = suppress_counts(counts(cases=[1, 5, 50]), totals=[[]])
    assert public["suppressed"].tolist() == [True, False, True]


def test_both_margins_need_a_rectangle():
    table = counts(
        country=["NO", "NO", "SE", "SE"], sex=["male", "female"] * 2, cases=[2, 20, 30, 40]
    )
    assert suppress_counts(table, totals=[["country"]])["suppressed"].sum() == 2
    assert suppress_counts(table, totals=[["country"], ["sex"]])["suppressed"].all()


def test_a_total_that_is_itself_the_secret_is_hidden():
    public = suppress_counts(
        counts(country=["IS", "IS", "NO"], sex=["a", "b", "a"], cases=[3, 0, 90]),
        totals=[["country"]],
    )
    assert public.attrs["hidden_totals"] == ((("country",), ("IS",)),)
    assert public["suppressed"].tolist() == [True, False, False]


def test_a_hidden_total_must_not_follow_from_the_grand_total():
    table = counts(country=["IS", "NO", "SE"], cases=[3, 90, 200])
    public = suppress_counts(table, totals=[["country"], []])
    hidden = [
        values for columns, values in public.attrs["hidden_totals"] if columns == ("country",)
    ]
    assert ("IS",) in hidden and (len(hidden) >= 2 or ((), ()) in public.attrs["hidden_totals"])


def test_a_missing_stratum_is_a_stratum():
    table = counts(region=["Nord", None, None], sex=["a", "a", "b"], cases=[20, 2, 30])
    assert suppress_counts(table, totals=[["region"]])["suppressed"].tolist() == [False, True, True]


def test_no_rows_and_one_row():
    empty = suppress_counts(counts(cases=[]), totals=[[]])
    assert empty["suppressed"].tolist() == []
    alone = suppress_counts(counts(cases=[2]), totals=[[]])
    assert alone["suppressed"].tolist() == [True] and alone.attrs["hidden_totals"] == (((), ()),)


def test_a_limit_of_one_withholds_nothing():
    assert not suppress_counts(counts(cases=[1, 2]), totals=[[]], minimum=1)["suppressed"].any()


def test_whole_number_columns_of_pandas_are_taken():
    public = suppress_counts(counts(cases=pd.array([3, 40, None], dtype="Int64")))
    assert public["suppressed"].tolist() == [True, False, False]


def test_faults_name_rows():
    with pytest.raises(InputError, match="2 rows \\(1, 2\\)"):
        suppress_counts(counts(cases=[-1, 2.5]))
    with pytest.raises(MissingStepError, match="cases"):
        suppress_counts(counts(n=[1]))


def test_a_suppressed_table_cannot_be_suppressed_harder():
    once = suppress_counts(counts(cases=[3, 4]), minimum=4)
    with pytest.raises(InputError, match="suppress from the counts"):
        suppress_counts(once, minimum=5)


def flow(*left_out, start=100):
    frame = pd.DataFrame(
        {"criterion": ["registered", *"abcdef"[: len(left_out)]], "left_out": [0, *left_out]}
    )
    return frame.assign(remaining=start - frame["left_out"].cumsum())


def test_a_flow_without_small_numbers_is_printed_whole():
    public = suppress_flow(flow(10, 0, 5))
    assert public["remaining"].tolist() == [100, 90, 90, 85]


def test_small_lines_of_a_flow_are_pooled_with_the_next():
    public = suppress_flow(flow(40, 2, 9))
    assert public["criterion"].tolist() == ["registered", "a", "other_reasons"]
    assert public["left_out"].tolist() == [0, 40, 11]
    assert public["remaining"].iloc[[0, -1]].tolist() == [100, 49] and np.isnan(
        public["remaining"].iloc[1]
    )


def test_a_flow_with_nothing_to_pool_with_hides_its_start():
    public = suppress_flow(flow(3))
    assert np.isnan(public["left_out"].iloc[-1]) and np.isnan(public["remaining"].iloc[0])
    assert public["remaining"].iloc[-1] == 97


def test_few_who_remain_are_withheld_with_what_gives_them():
    public = suppress_flow(flow(46192, 566, start=46759))
    assert public["criterion"].tolist() == ["registered", "a", "other_reasons"]
    assert public["left_out"].iloc[:2].tolist() == [0, 46192] and np.isnan(
        public["left_out"].iloc[2]
    )
    assert public["remaining"].iloc[0] == 46759 and public["remaining"].iloc[1:].isna().all()


def test_few_at_the_start_are_withheld():
    assert suppress_flow(flow(0, 0, start=3))["remaining"].isna().all()
    assert suppress_flow(flow(3, start=3))["remaining"].tolist()[-1] == 0


def curve(n=40, group=None):
    times = np.linspace(20, 3000, n)
    at_risk = np.arange(n, 0, -1)
    survival = np.cumprod(1 - 1 / (at_risk + 1))
    frame = pd.DataFrame(
        {"time_days": times, "at_risk": at_risk, "events": 1, "censored": 0, "survival": survival}
    )
    frame = frame.assign(
        standard_error=0.1, lower=survival * 0.9, upper=np.minimum(survival * 1.1, 1)
    )
    return frame if group is None else frame.assign(country=group)[["country", *frame.columns]]


def test_a_public_curve_shows_no_exact_day_and_no_event_count():
    public = suppress_curve(curve())
    assert list(public.columns) == ["time_days", "at_risk", "survival", "lower", "upper"]
    assert np.allclose(public["time_days"] / MONTH, np.arange(len(public)))
    assert public["survival"].iloc[0] == 1


def test_a_public_curve_ends_where_few_are_at_risk():
    exact = curve()
    last = suppress_curve(exact)["time_days"].iloc[-1]
    assert (exact["time_days"] >= last).sum() >= 5 > (exact["time_days"] >= last + MONTH).sum()


def test_numbers_at_risk_are_given_at_whole_years_only():
    public = suppress_curve(curve())
    given = public["at_risk"].notna()
    assert (np.flatnonzero(given) % 12 == 0).all() and (public.loc[given, "at_risk"] >= 5).all()


def test_small_strata_are_withheld_and_named():
    public = suppress_curve(pd.concat([curve(40, "NO"), curve(4, "IS")], ignore_index=True))
    assert set(public["country"]) == {"NO"}
    assert public.attrs["withheld_strata"] == (("IS",),)


def test_an_empty_curve_stays_empty():
    assert suppress_curve(curve().iloc[:0]).empty
    assert suppress_curve(curve(4)).empty


def test_numbers_at_risk_under_curves_do_not_give_a_small_one_away():
    sizes = {"NO": 57, "SE": 42, "IS": 14}
    exact = pd.concat([curve(n, country) for country, n in sizes.items()], ignore_index=True)
    exact.loc[exact["country"] == "IS", "time_days"] /= 2
    public = suppress_curve(exact)
    small_ones = 0
    for day in np.arange(8) * 365.25:
        here = {
            name: int((rows["time_days"] >= day).sum()) for name, rows in exact.groupby("country")
        }
        told = public[np.isclose(public["time_days"], day)].set_index("country")["at_risk"].dropna()
        assert all(told[name] == here[name] for name in told.index)
        if 0 < here["IS"] < 5:
            small_ones += 1
            assert list(told.index) == ["NO"] and sum(here.values()) - told.sum() >= 8
    assert small_ones


def test_the_protecting_number_is_not_in_the_curve_of_one_stratum():
    assert (
        suppress_curve(curve(40, "NO"))["at_risk"].notna().sum()
        == suppress_curve(curve())["at_risk"].notna().sum()
    )
