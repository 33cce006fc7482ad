"""Several tumours in one child: the international rules, and what they leave alone."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.cases import (
    add_tumour_sequence,
    counted_primary,
    first_primary,
    later_primaries,
    mark_multiple_primaries,
    select_eligible,
)
from analysis.errors import MissingStepError

NEPHROBLASTOMA, RETINOBLASTOMA = ("C64.9", "8960"), ("C69.2", "9510")
LYMPHOBLASTIC, MYELOID, BLOOD = ("C42.1", "9811"), ("C42.1", "9861"), ("C42.1", "9801")
OSTEOSARCOMA, MEDULLOBLASTOMA, GLIOBLASTOMA = (
    ("C40.2", "9180"),
    ("C71.6", "9470"),
    ("C71.1", "9440"),
)


def child(*tumours, person="a"):
    """One person's tumours, a year apart, each a site, a morphology and, if not malignant, a behaviour."""
    return pd.DataFrame(
        {
            "person_id": person,
            "topography": [tumour[0] for tumour in tumours],
            "morphology": [tumour[1] for tumour in tumours],
            "behaviour": pd.array(
                [tumour[2] if len(tumour) > 2 else 3 for tumour in tumours], dtype="Int64"
            ),
            "diagnosis_date": pd.to_datetime(
                [f"{2001 + place}-05-01" for place in range(len(tumours))]
            ),
        }
    )


def primaries(*tumours):
    return mark_multiple_primaries(child(*tumours))["primary"].tolist()


# By hand from the rules of 2004: pairs that are one tumour, and pairs that are two.
ONE = [
    (NEPHROBLASTOMA, NEPHROBLASTOMA),  # the other kidney, at any time
    (RETINOBLASTOMA, ("C69.2", "9512")),  # the other eye
    (LYMPHOBLASTIC, ("C77.0", "9811")),  # B-cell once a person, wherever it is
    (("C77.0", "9680"), ("C42.1", "9836")),
    (LYMPHOBLASTIC, BLOOD),  # one is unspecified
    (BLOOD, MYELOID),
    (("C44.5", "9140"), ("C77.2", "9140")),  # Kaposi sarcoma once
    (("C40.2", "9180"), ("C41.0", "9220")),  # bones are one site, sarcomas one group
    (("C18.7", "8140"), ("C18.0", "8480")),  # adenocarcinomas of one organ
    (("C19.9", "8140"), ("C20.9", "8140")),  # rectum and rectosigmoid junction are one
    (("C01.9", "8070"), ("C02.9", "8070")),
    (("C65.9", "8120"), ("C67.0", "8130")),
    (("C22.0", "8010"), ("C22.0", "8170")),  # unspecified carcinoma
    (("C71.9", "8000"), MEDULLOBLASTOMA),  # unspecified tumour
    (NEPHROBLASTOMA, ("C80.9", "8960")),  # unknown site
    (MEDULLOBLASTOMA, GLIOBLASTOMA),
    (("C71.6", "9421", 1), ("C71.6", "9440")),  # progression inside the central nervous system
]
TWO = [
    (NEPHROBLASTOMA, RETINOBLASTOMA),  # one group of morphology, two sites
    (RETINOBLASTOMA, OSTEOSARCOMA),
    (LYMPHOBLASTIC, MYELOID),  # two groups of blood
    (LYMPHOBLASTIC, ("C42.1", "9837")),
    (("C77.0", "9663"), ("C77.0", "9680")),  # Hodgkin and B-cell lymphoma
    (("C44.5", "8720"), ("C44.5", "8090")),  # two groups in one site
    (("C18.7", "8140"), ("C20.9", "8140")),  # colon and rectum are two organs
    (("C22.0", "8970"), ("C22.0", "8170")),
    (MEDULLOBLASTOMA, ("C71.6", "9560")),  # nerve sheath tumours are of soft tissue
    (LYMPHOBLASTIC, GLIOBLASTOMA),
    (NEPHROBLASTOMA, ("C34.9", "8000")),  # unspecified, at another site
    (("C64.9", "8999"), ("C64.9", "8999")),  # a morphology of no group repeats nothing
    (("C74.0", "9490", 0), ("C74.0", "9500")),  # benign outside the central nervous system
    (("C44.5", "8720", 2), ("C44.5", "8720")),  # in situ
]


@pytest.mark.parametrize(("one", "other"), ONE)
def test_two_registrations_of_one_tumour(one, other):
    marked = mark_multiple_primaries(child(one, other))
    assert marked["primary"].tolist() == ["first", "duplicate"]
    assert marked["duplicate_of_row"].tolist() == [pd.NA, 1]


@pytest.mark.parametrize(("one", "other"), TWO)
def test_two_tumours(one, other):
    assert primaries(one, other) == ["first", "further"]


def test_each_is_held_against_those_that_count():
    assert primaries(LYMPHOBLASTIC, BLOOD, MYELOID) == ["first", "duplicate", "further"]
    assert primaries(BLOOD, LYMPHOBLASTIC, MYELOID) == ["first", "duplicate", "duplicate"]
    marked = mark_multiple_primaries(
        child(NEPHROBLASTOMA, OSTEOSARCOMA, OSTEOSARCOMA, NEPHROBLASTOMA)
    )
    assert marked["duplicate_of_row"].tolist() == [pd.NA, pd.NA, 2, 1]


def test_persons_and_order_of_rows():
    both = pd.concat(
        [child(NEPHROBLASTOMA, NEPHROBLASTOMA), child(NEPHROBLASTOMA, person="b")]
    ).iloc[[1, 2, 0]]
    marked = mark_multiple_primaries(both)
    assert marked["primary"].tolist() == ["duplicate", "first", "first"]
    assert marked["duplicate_of_row"].tolist() == [3, pd.NA, pd.NA]
    assert (
        marked["tumour_sequence"].tolist()
        == add_tumour_sequence(both)["tumour_sequence"].tolist()
        == [2, 1, 1]
    )
    assert marked.index.tolist() == both.index.tolist()
    assert "primary" not in both


def test_spelling_and_absent_columns():
    tumours = child(NEPHROBLASTOMA, NEPHROBLASTOMA).drop(columns=["behaviour", "diagnosis_date"])
    written = tumours.assign(topography="c649", morphology=[8960, 8960])
    assert mark_multiple_primaries(written)["primary"].tolist() == ["first", "duplicate"]
    with pytest.raises(MissingStepError, match="morphology"):
        mark_multiple_primaries(tumours.drop(columns="morphology"))
    assert mark_multiple_primaries(tumours.iloc[:0])["primary"].tolist() == []
    counts = pd.DataFrame({"site": ["Bone"], "cases": [3]})
    assert mark_multiple_primaries(counts) is counts
    assert later_primaries(counts) is counts


def test_the_flow_shows_what_the_rules_leave_out():
    marked = mark_multiple_primaries(child(LYMPHOBLASTIC, LYMPHOBLASTIC, GLIOBLASTOMA))
    incidence, flow = select_eligible(marked, [counted_primary()])
    assert incidence["morphology"].tolist() == ["9811", "9440"]
    assert flow["left_out"].tolist() == [0, 1]
    survival, _ = select_eligible(marked, [counted_primary(), first_primary()])
    assert survival["morphology"].tolist() == ["9811"]
    with pytest.raises(
        MissingStepError, match="primary: added by analysis.cases.mark_multiple_primaries"
    ):
        select_eligible(child(LYMPHOBLASTIC), [counted_primary()])


def test_further_primaries_stand_beside_the_first():
    tumours = child(LYMPHOBLASTIC, LYMPHOBLASTIC, GLIOBLASTOMA).assign(
        iccc3_group=["I", "I", "III"]
    )
    later = later_primaries(mark_multiple_primaries(tumours))
    assert later[["morphology", "days_since_first", "first_iccc3_group"]].values.tolist() == [
        ["9440", 730, "I"]
    ]
    assert later_primaries(mark_multiple_primaries(child(LYMPHOBLASTIC))).empty


CODES = st.sampled_from([*{tumour[:2] for pair in ONE + TWO for tumour in pair}])


@given(st.lists(st.tuples(st.sampled_from("abc"), CODES), max_size=12))
def test_what_holds_for_any_cohort(rows):
    cases = pd.DataFrame(
        {
            "person_id": [person for person, _ in rows],
            "topography": [codes[0] for _, codes in rows],
            "morphology": [codes[1] for _, codes in rows],
            "year": np.arange(len(rows)),
        }
    )
    marked = mark_multiple_primaries(cases)
    assert (marked["primary"] == "first").sum() == cases["person_id"].nunique()
    duplicates = marked[marked["primary"] == "duplicate"]
    originals = marked.iloc[duplicates["duplicate_of_row"].to_numpy(dtype=int) - 1]
    assert (originals["primary"] != "duplicate").all()
    assert originals["person_id"].tolist() == duplicates["person_id"].tolist()
    assert (originals["year"].to_numpy() < duplicates["year"].to_numpy()).all()
    again = mark_multiple_primaries(marked[marked["primary"] != "duplicate"])
    assert (again["primary"] != "duplicate").all()
    assert all(
        marked.loc[marked["person_id"] == person, "primary"].tolist()
        == mark_multiple_primaries(cases[cases["person_id"] == person])["primary"].tolist()
        for person in cases["person_id"].unique()
    )
