"""Toronto stage: each cancer has its own system and codes, and a stage that is missing says why."""

import pandas as pd
import pytest

from analysis.cases import add_toronto_stage, classify_iccc3
from analysis.errors import MissingStepError

# Cancer, ICD-O-3 and the codes of Tier 1 and Tier 2, as secondary sources give the guidelines of 2016.
GUIDELINES = [
    ("acute lymphoblastic leukaemia", "C42.1", "9836", ["CNS negative", "CNS positive"], ["CNS1", "CNS2", "CNS3"]),
    ("acute myeloid leukaemia", "C42.1", "9861", [], ["CNS negative", "CNS positive"]),
    ("Hodgkin lymphoma", "C77.1", "9663", [], ["IA", "IB", "IIA", "IIB", "IIIA", "IIIB", "IVA", "IVB"]),
    ("non-Hodgkin lymphoma", "C77.2", "9687", ["limited", "advanced"], ["I", "II", "III", "IV"]),
    ("neuroblastoma", "C74.9", "9500", ["localised", "locoregional", "metastatic"], ["L1", "L2", "M", "MS"]),
    ("Wilms tumour", "C64.9", "8960", ["localised", "metastatic"],
     ["I", "II", "III", "IV", "y-I", "y-II", "y-III", "y-IV"]),
    ("rhabdomyosarcoma", "C49.0", "8910", ["localised", "metastatic"], ["I", "II", "III", "IV"]),
    ("non-rhabdomyosarcoma soft tissue sarcoma", "C49.2", "9040", ["localised", "metastatic"],
     ["I", "II", "III", "IV"]),
    ("osteosarcoma", "C40.2", "9180", [], ["localised", "metastatic"]),
    ("Ewing sarcoma", "C40.2", "9260", [], ["localised", "metastatic"]),
    ("retinoblastoma", "C69.2", "9510", ["localised", "regional", "metastatic"], ["0", "I", "II", "III", "IV"]),
    ("hepatoblastoma", "C22.0", "8970", ["localised", "metastatic"], ["I", "II", "III", "IV"]),
    ("testicular cancer", "C62.9", "9070", ["localised", "regional", "metastatic"], ["I", "II", "III"]),
    ("ovarian cancer", "C56.9", "9060", ["localised", "regional", "metastatic"], ["I", "II", "III", "IV"]),
    ("medulloblastoma and other embryonal CNS tumours", "C71.6", "9470", ["localised", "metastatic"],
     ["M0", "M1", "M2", "M3", "M4"]),
    ("ependymoma", "C71.7", "9391", ["localised", "metastatic"], ["M0", "M1", "M2", "M3", "M4"]),
]  # fmt: skip


def staged(topography, morphology, *stages, behaviour=3):
    tumours = {"topography": topography, "morphology": morphology, "behaviour": behaviour}
    return add_toronto_stage(classify_iccc3(pd.DataFrame({**tumours, "stage": list(stages)})))


@pytest.mark.parametrize(("cancer", "topography", "morphology", "first", "second"), GUIDELINES)
def test_the_codes_of_each_cancer(cancer, topography, morphology, first, second):
    found = staged(topography, morphology, *first, *second)
    assert set(found["toronto_cancer"]) == {cancer}
    assert found["toronto_system"].nunique() == 1
    assert found["toronto_stage"].tolist() == [*first, *second]
    assert found["toronto_tier"].tolist() == [1] * len(first) + [2] * len(second)
    assert found["toronto_reason"].isna().all()


def test_the_list_above_is_whole():
    assert len({cancer for cancer, *_ in GUIDELINES}) == 16


@pytest.mark.parametrize(
    ("topography", "morphology", "code", "expected"),
    [
        ("C64.9", "8960", "Stage y-II", "y-II"), ("C64.9", "8960", "yII", "y-II"), ("C64.9", "8960", "V", "V"),
        ("C42.1", "9836", "cns 2", "CNS2"), ("C42.1", "9836", "CNS-", "CNS negative"),
        ("C74.9", "9500", "Localized", "localised"), ("C56.9", "9060", "IIIC", "III"), ("C77.1", "9663", "2", "II"),
        ("C69.2", "9510", "distant", "metastatic"), ("C49.2", "9260", "metastatic", "metastatic"),
    ],
)  # fmt: skip
def test_other_spellings_of_a_code(topography, morphology, code, expected):
    assert staged(topography, morphology, code)["toronto_stage"].tolist() == [expected]


@pytest.mark.parametrize(
    ("topography", "morphology", "code", "reason"),
    [
        ("C74.9", "9500", "II", "the code is not a stage of this cancer"),
        ("C42.1", "9836", "M1", "the code is not a stage of this cancer"),
        ("C62.9", "9070", "IV", "the code is not a stage of this cancer"),
        ("C71.6", "9470", None, "no stage is recorded"),
        ("C71.6", "9470", "unknown", "no stage is recorded"),
        ("C71.0", "9400", "M0", "the guidelines do not stage this cancer"),
        ("C71.5", "9390", "M0", "the guidelines do not stage this cancer"),
        ("C64.9", "8964", "I", "the guidelines do not stage this cancer"),
        ("C71.0", "9999", "I", "the guidelines do not stage this cancer"),
    ],
)  # fmt: skip
def test_a_missing_stage_says_why(topography, morphology, code, reason):
    found = staged(topography, morphology, code)
    assert found["toronto_stage"].isna().all() and found["toronto_tier"].isna().all()
    assert found["toronto_reason"].tolist() == [reason]


def test_germ_cell_tumours_elsewhere_are_not_of_the_gonads():
    assert staged("C71.8", "9064", "I")["toronto_system"].isna().all()


def test_rows_and_index_are_kept_and_counts_pass():
    cases = staged("C74.9", "9500", "L1", "M").set_index(pd.Index([5, 2]))
    assert add_toronto_stage(cases)["toronto_stage"].to_dict() == {5: "L1", 2: "M"}
    assert add_toronto_stage(cases.head(0))["toronto_stage"].tolist() == []
    counts = pd.DataFrame({"iccc3_group": ["I"], "cases": [4]})
    assert add_toronto_stage(counts) is counts


def test_an_unclassified_cohort_is_told_so():
    with pytest.raises(MissingStepError, match="classify_iccc3"):
        add_toronto_stage(pd.DataFrame({"stage": ["I"], "topography": ["C64.9"]}))
