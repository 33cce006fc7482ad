"""Nobody leaves unseen: the flow adds up, in the order of the criteria."""

import pandas as pd
import pytest

from analysis.cases import (
    add_tumour_sequence,
    age_below,
    age_from,
    counted_tumour,
    diagnosed_between,
    first_primary,
    followed_up,
    in_countries,
    in_group,
    not_autopsy_only,
    not_death_certificate_only,
    select_eligible,
    select_population,
)
from analysis.errors import InputError, MissingStepError

CHILDREN = pd.DataFrame(
    {
        "person_id": ["a", "b", "c", "d", "a", "e"],
        "country": ["NO", "NO", "SE", "NO", "NO", None],
        "year": pd.array([2001, 2002, 2002, 1980, 2010, 2005], dtype="Int64"),
        "age_at_diagnosis": pd.array([3, 16, 4, 2, 12, None], dtype="Int64"),
        "iccc3_group": ["I", "III", "I", "II", None, "I"],
        "behaviour": [3, 1, 3, 3, 0, 3],
        "basis_of_diagnosis": pd.array([7, 0, 7, None, 7, 7], dtype="Int64"),
    }
)


def test_flow_adds_up():
    criteria = [
        in_countries(["NO"]),
        diagnosed_between(1985, 2023),
        age_below(15),
        counted_tumour(),
    ]
    eligible, flow = select_eligible(CHILDREN, criteria)
    assert flow["criterion"].tolist() == [
        "registered",
        "in_countries",
        "diagnosed_between",
        "age_below_15",
        "counted_tumour",
    ]
    assert flow["left_out"].tolist() == [0, 2, 1, 1, 1]
    assert flow["remaining"].iloc[-1] == len(eligible) == 1
    assert flow["left_out"].sum() + len(eligible) == len(CHILDREN)


def test_malignant_only_and_single_group():
    assert len(select_eligible(CHILDREN, [counted_tumour(non_malignant_cns=False)])[0]) == 4
    assert select_eligible(CHILDREN, [in_group("III")])[0]["person_id"].tolist() == ["b"]
    assert select_eligible(CHILDREN, [age_from(15)])[0]["person_id"].tolist() == ["b"]


def test_those_who_are_said_not_to_be_resident_leave():
    children = pd.DataFrame({"country": ["NO"] * 3, "resident": ["yes", "no", None]})
    assert len(select_eligible(children, [in_countries(["NO"])])[0]) == 2


def test_no_limit_of_years():
    assert len(select_eligible(CHILDREN, [diagnosed_between(None, None)])[0]) == len(CHILDREN)


@pytest.mark.parametrize(
    ("criterion", "argument", "rule"),
    [
        (in_group, "Ia", "group: 'Ia' is no ICCC-3 main group; choose one of I, II, III"),
        (in_group, "XIV", "group: 'XIV' is no ICCC-3 main group"),
        (in_countries, "NO", r'countries: must be a list of countries; write countries=\["NO"\]'),
        (in_countries, ["NO", "Norway"], "two capital letters .* not 'Norway'$"),
        (in_countries, ["no"], "two capital letters"),
        (age_below, 18.5, "limit: must be a whole number from 0 to 120; is 18.5"),
        (age_below, 6574, "limit: must be a whole number from 0 to 120"),
        (age_below, 121, "limit: must be"),
        (age_below, True, "limit: must be"),
        (age_from, -1, "first: must be a whole number from 0 to 120"),
        (followed_up, "31.12.2023", 'closing_date: must be an ISO date, as in "2023-12-31"'),
        (followed_up, "2023", "closing_date: must be an ISO date"),
        (followed_up, "", "closing_date: must be an ISO date"),
    ],
)
def test_a_criterion_that_cannot_be_meant_is_refused(criterion, argument, rule):
    with pytest.raises(InputError, match=rule):
        criterion(argument)


@pytest.mark.parametrize("years", [(1899, 2000), (1985, 2100), (85, None), (None, "2000")])
def test_a_year_has_four_digits(years):
    with pytest.raises(InputError, match="must be a whole number from 1900 to 2099"):
        diagnosed_between(*years)


def test_years_come_in_order():
    assert diagnosed_between(2000, 2000).name == "diagnosed_between"
    with pytest.raises(InputError, match="last_year: must not be before first_year"):
        diagnosed_between(2001, 2000)


def test_limits_of_age_and_year_are_as_said():
    children = pd.DataFrame(
        {"age_at_diagnosis": [0, 14, 15, 120], "year": [1900, 1985, 2023, 2099]}
    )
    assert len(select_eligible(children, [age_below(15)])[0]) == 2
    assert len(select_eligible(children, [age_below(120)])[0]) == 3
    assert len(select_eligible(children, [age_from(15)])[0]) == 2
    assert len(select_eligible(children, [age_from(0)])[0]) == 4
    assert len(select_eligible(children, [diagnosed_between(1985, 2023)])[0]) == 2
    assert len(select_eligible(children, [diagnosed_between(None, 1985)])[0]) == 2
    assert len(select_eligible(children, [diagnosed_between(2023, None)])[0]) == 2


def test_a_period_counts_when_all_of_it_is_within_the_years():
    counts = pd.DataFrame({"period": ["1985–1989", "1990–1994", "1995–1999"], "cases": [1, 2, 4]})
    kept, _ = select_eligible(counts, [diagnosed_between(1985, 1994)])
    assert kept["cases"].tolist() == [1, 2]
    kept, _ = select_eligible(counts, [diagnosed_between(1986, 1998)])
    assert kept["cases"].tolist() == [2]


def test_survival_criteria():
    sequenced = add_tumour_sequence(CHILDREN)
    assert sequenced["tumour_sequence"].tolist() == [1, 1, 1, 1, 2, 1]
    kept, flow = select_eligible(
        sequenced, [not_death_certificate_only(), not_autopsy_only(), first_primary()]
    )
    assert flow["left_out"].tolist() == [0, 1, 0, 1]
    assert "a" in set(kept["person_id"])


def test_follow_up_must_be_known_by_the_closing_date():
    children = pd.DataFrame(
        {
            "diagnosis_date": pd.to_datetime(
                ["2001-01-01", "2024-02-01", "2001-01-01", "2001-01-01"]
            ),
            "last_contact_date": pd.to_datetime(["2005-01-01", "2024-03-01", None, "2005-01-01"]),
            "vital_status": ["alive", "alive", "alive", "unknown"],
        }
    )
    assert select_eligible(children, [followed_up("2023-12-31")])[1]["left_out"].tolist() == [0, 3]
    assert select_eligible(children, [followed_up()])[1]["left_out"].tolist() == [0, 2]


def test_counts_are_weighed_and_keep_what_they_cannot_show():
    counts = pd.DataFrame(
        {
            "country": ["NO", "NO", "SE"],
            "period": ["2008-2012"] * 3,
            "age_group": ["0-4", "15-19", "0-4"],
            "cases": [10, 7, 9],
        }
    )
    eligible, flow = select_eligible(
        counts,
        [in_countries(["NO"]), diagnosed_between(2008, 2012), age_below(15), counted_tumour()],
    )
    assert flow["left_out"].tolist() == [0, 9, 0, 7, 0]
    assert eligible["cases"].sum() == 10


def test_the_population_is_chosen_as_the_cases_are():
    population = pd.DataFrame(
        {"country": ["NO", "NO"], "year": [1984, 1985], "age": [14, 15], "persons": [1.0, 2.0]}
    )
    assert select_population(population, [in_countries(["NO"]), age_below(15)])[
        "persons"
    ].tolist() == [1.0]
    assert select_population(population, [diagnosed_between(1985, None)])["persons"].tolist() == [
        2.0
    ]


def test_a_step_run_too_early_says_which_is_missing():
    with pytest.raises(
        MissingStepError, match="tumour_sequence: added by analysis.cases.add_tumour_sequence"
    ):
        select_eligible(CHILDREN, [first_primary()])


def test_nobody_at_all():
    eligible, flow = select_eligible(
        CHILDREN.iloc[:0], [in_countries(["NO"]), age_below(15), counted_tumour()]
    )
    assert len(eligible) == 0
    assert flow["remaining"].tolist() == [0, 0, 0, 0]
