import pandas as pd
import pytest

from analysis.errors import InputError, MissingStepError
from analysis.quantities import with_trait
from analysis.strata import curve_strata, each_stratum, number_strata, require_columns


@pytest.mark.parametrize(
    "divide", [number_strata, lambda frame, by: each_stratum(frame, by, lambda rows: rows)]
)
def test_a_single_name_is_no_list_of_strata(divide):
    children = pd.DataFrame({"sex": ["male", "female"]})
    with pytest.raises(InputError, match=r'write by=\["sex"\]'):
        divide(children, "sex")


def test_a_step_that_was_left_out_is_named():
    nothing = pd.DataFrame({"sex": ["male"]})
    with pytest.raises(MissingStepError) as refused:
        require_columns(nothing, ["sex", "net_survival", "ward"])
    assert str(refused.value) == (
        "net_survival: added by analysis.estimates.net_survival; ward: absent from the extract"
    )


def test_the_strata_of_a_curve_are_what_no_curve_is_made_of():
    curve = pd.DataFrame(columns=["ward", *with_trait("curve"), "events_cancer", "sex"])
    assert curve_strata(curve) == ["ward", "sex"]
    assert {"deaths", "relative_survival", "cumulative_risk"} <= set(with_trait("curve"))


def test_a_word_is_one_stratum_however_many_objects_bear_it():
    words = [first + "ale" for first in ["m", "fem"] * 6_000]
    shared = ["male", "female"] * 6_000
    children = pd.DataFrame({"sex": pd.Series([*words, *shared, None], dtype=object)})
    numbers, strata = number_strata(children, ["sex"])
    assert strata["sex"].tolist() == ["male", "female", None]
    assert numbers[:2].tolist() == numbers[-3:-1].tolist() == [0, 1] and numbers[-1] == 2
