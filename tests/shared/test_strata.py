import pandas as pd
import pytest

from analysis.errors import InputError
from analysis.strata import each_stratum, number_strata


@pytest.mark.parametrize(
    "divide", [number_strata, lambda frame, by: each_stratum(frame, by, lambda rows: rows)]
)
def test_a_single_name_is_no_list_of_strata(divide):
    children = pd.DataFrame({"sex": ["male", "female"]})
    with pytest.raises(InputError, match=r'write by=\["sex"\]'):
        divide(children, "sex")
