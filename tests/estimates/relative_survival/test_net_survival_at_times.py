import numpy as np
import pandas as pd
import pytest

from analysis.errors import InputError, MissingStepError
from analysis.estimates import (
    conditional_net_survival,
    conditional_survival,
    fleming_harrington_form,
    kaplan_meier,
    net_survival,
    net_survival_at,
    note_year_length,
    survival_at,
)

EVENTS = pd.DataFrame(
    {"group": [1, 1, 1, 2], "time_days": [300, 2000, 4000, 9], "at_risk": [4, 3, 1, 1]}
)
EVENTS = EVENTS.assign(events=[1, 1, 0, 1], censored=[0, 1, 1, 0])


def as_net(curve):
    return curve.rename(columns={"survival": "net_survival"}).assign(
        excess_hazard=0.0, expected_survival=1.0
    )


def test_it_reads_net_survival_as_survival_is_read():
    curve = kaplan_meier(EVENTS)
    read, plain = net_survival_at(as_net(curve), (1, 5, 10, 20)), survival_at(curve, (1, 5, 10, 20))
    pd.testing.assert_frame_equal(read.rename(columns={"net_survival": "survival"}), plain)
    with pytest.raises(MissingStepError, match="net_survival"):
        net_survival_at(curve)


def test_pohar_perme_is_read_at_whole_years_without_a_gap(oracle):
    cases, table = oracle("net_children"), note_year_length(oracle("net_life_table"))
    answer = oracle("answer_net_daily")
    read = net_survival_at(fleming_harrington_form(net_survival(cases, table)), range(1, 21))
    np.testing.assert_allclose(read["net_survival"], answer["survival"], atol=2e-5)
    assert read["at_risk"].tolist() == [*answer["at_risk"]]


def test_conditional_net_survival_is_the_ratio_of_two_points():
    curve = as_net(kaplan_meier(EVENTS))
    later = conditional_net_survival(curve, 5)
    assert later[["group", "given_years", "time_days", "at_risk"]].values.tolist() == [
        [1, 5, 2000, 3],
        [1, 5, 4000, 1],
    ]
    given = conditional_survival(kaplan_meier(EVENTS), 5, 5).iloc[0]
    np.testing.assert_allclose(
        later.iloc[-1][["net_survival", "standard_error"]].astype(float),
        given[["survival", "standard_error"]].astype(float),
    )
    pd.testing.assert_frame_equal(
        conditional_net_survival(curve, 0)[["net_survival", "standard_error"]].head(3),
        curve[["net_survival", "standard_error"]].head(3),
    )
    assert net_survival_at(later, [5, 10])["net_survival"].tolist()[:1] == [1]
    assert conditional_net_survival(curve.head(0)).empty
    with pytest.raises(InputError, match="from 0 to 120"):
        conditional_net_survival(curve, -1)


def test_nobody_left_is_not_estimated():
    dead = as_net(kaplan_meier(EVENTS[EVENTS["group"] == 2].assign(time_days=2000)))
    assert fleming_harrington_form(dead)["lower"].isna().all()
    first = pd.concat([dead, dead.assign(time_days=1, net_survival=0.0)])
    assert conditional_net_survival(first)["net_survival"].isna().all()
