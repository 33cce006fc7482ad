import numpy as np
import pandas as pd
import pytest

from analysis.errors import InputError
from analysis.estimates import note_year_length, smoothed_life_table
from analysis.register import demonstration_life_table


def test_smoothing_keeps_the_sum_of_rates_and_an_even_table():
    random = np.random.default_rng(5)
    table = demonstration_life_table().query("country == 'IS' and age < 20")
    sparse = table.assign(
        mortality_rate=np.where(random.random(len(table)) < 0.6, 0, table["mortality_rate"])
    )
    smooth = smoothed_life_table(sparse)
    assert (smooth["mortality_rate"] > 0).all()
    sums = [rates.groupby(["sex", "age"])["mortality_rate"].sum() for rates in (sparse, smooth)]
    np.testing.assert_allclose(*sums, rtol=1e-12)
    steep = table.assign(mortality_rate=0.0001 * np.exp(table["age"] / 5))
    np.testing.assert_allclose(
        smoothed_life_table(steep)["mortality_rate"],
        steep.sort_values(
            ["sex", "year", "age"],
            key=lambda column: (
                column.map({"male": 0, "female": 1}) if column.name == "sex" else column
            ),
        )["mortality_rate"],
        rtol=1e-12,
    )
    even = smoothed_life_table(table.assign(mortality_rate=0.25), years=50, ages=30)
    np.testing.assert_allclose(even["mortality_rate"], 0.25, rtol=1e-12)
    assert smoothed_life_table(sparse, years=0, ages=0)["mortality_rate"].sum() == pytest.approx(
        sparse["mortality_rate"].sum()
    )
    assert smoothed_life_table(note_year_length(sparse))["days_per_year"].eq(365.241).all()
    with pytest.raises(InputError):
        smoothed_life_table(sparse, years=-1)


def test_smoothing_gives_a_life_table_as_it_came():
    table = demonstration_life_table()
    same = smoothed_life_table(table, years=0, ages=0)
    order = ["country", "sex", "year", "age"]
    pd.testing.assert_frame_equal(
        same.sort_values(order, ignore_index=True)[table.columns],
        table.sort_values(order, ignore_index=True),
    )
