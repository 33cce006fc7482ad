import numpy as np
import pandas as pd

from analysis.estimates import (
    expected_survival,
    net_survival,
)
from analysis.register import demonstration_life_table
from analysis.strata import curve_strata


def a_table(rate=0.001, **columns):
    ages = pd.DataFrame({"age": range(0, 90), "mortality_rate": rate})
    sexes = pd.DataFrame({"sex": ["male", "female"]})
    return ages.merge(sexes, how="cross").assign(year=2000, **columns)


def children(size=80, seed=3, **columns):
    random = np.random.default_rng(seed)
    born = pd.Timestamp("1975-02-27") + pd.to_timedelta(random.integers(0, 9000, size), "D")
    diagnosed = born + pd.to_timedelta(random.integers(0, 22000, size), "D")
    frame = pd.DataFrame({"birth_date": born, "diagnosis_date": diagnosed})
    frame = frame.assign(
        sex=random.choice(["male", "female"], size),
        follow_up_days=random.integers(1, 3000, size).astype(float),
        event=random.integers(0, 2, size),
        group=random.choice(["A", "B", None], size),
    )
    return frame.assign(**columns)


def test_a_birthday_on_leap_day_is_kept_on_1_march_in_common_years():
    child = pd.DataFrame(
        {"sex": ["male"], "birth_date": ["2000-02-29"], "diagnosis_date": ["2001-02-26"]}
    )
    table = a_table().assign(mortality_rate=lambda rows: np.where(rows["age"] >= 1, 0.36525, 0.0))
    survival = [expected_survival(child, table, days).iloc[0] for days in (3, 4)]
    np.testing.assert_allclose(survival, [1, np.exp(-0.001)], atol=1e-15)


def test_it_says_where_the_life_table_ends():
    cases = children(50)
    curve = net_survival(cases, a_table().query("age < 30"))
    assert set(curve["life_table_before_year"]) == set(curve["life_table_after_year"]) == {2000}
    assert set(curve["life_table_after_age"]) == {29}
    assert "life_table_before_age" not in curve
    assert curve_strata(curve) == []
    country = pd.Series(["NO", "SE"]).repeat(25).to_numpy()
    tables = pd.concat([a_table(country="NO"), a_table(country="SE").assign(year=2090)])
    ends = net_survival(cases.assign(country=country), tables)
    assert set(ends["life_table_after_year"]) == {2000}
    everywhere = demonstration_life_table().query("country == 'NO'")
    within = cases.head(3).assign(
        follow_up_days=5.0, diagnosis_date="1999-01-01", birth_date="1990-01-01"
    )
    covered = net_survival(within, everywhere)
    assert not [column for column in covered if column.startswith("life_table")]
