"""ICD-10 from ICD-O-3: cancers of children by the published conversion, and every tumour has a category or a reason."""

import numpy as np
import pandas as pd
import pytest

from analysis.cases import add_icd10
from analysis.errors import MissingStepError

# Topography, morphology, behaviour and category, by hand from IARC's conversion (CanReg5, O3_10T and O3_10M).
CHILDREN = [
    ("C42.1", 9836, 3, "C91"), ("C42.1", 9811, 3, "C91"), ("C42.1", 9861, 3, "C92"), ("C42.1", 9866, 3, "C92"),
    ("C42.1", 9875, 3, "C92"), ("C42.1", 9891, 3, "C93"), ("C42.1", 9946, 3, "C93"), ("C42.1", 9910, 3, "C94"),
    ("C42.1", 9801, 3, "C95"), ("C42.1", 9989, 3, "D46"), ("C42.1", 9962, 3, "D47"), ("C42.1", 9950, 3, "D45"),
    ("C77.1", 9650, 3, "C81"), ("C77.1", 9663, 3, "C81"), ("C77.9", 9690, 3, "C82"), ("C77.2", 9687, 3, "C83"),
    ("C77.2", 9727, 3, "C83"), ("C77.0", 9702, 3, "C84"), ("C77.0", 9714, 3, "C84"), ("C77.9", 9591, 3, "C85"),
    ("C44.1", 9718, 3, "C86"), ("C16.9", 9699, 3, "C88"), ("C77.0", 9699, 3, "C83"), ("C40.2", 9751, 3, "C96"),
    ("C41.0", 9751, 1, "C96"), ("C44.9", 9740, 1, "D47"),
    ("C71.6", 9470, 3, "C71"), ("C72.0", 9391, 3, "C72"), ("C71.7", 9391, 3, "C71"), ("C71.0", 9421, 1, "D43"),
    ("C72.3", 9421, 1, "D43"), ("C71.6", 9421, 3, "C71"), ("C75.3", 9362, 3, "C75"), ("C80.9", 9470, 3, "C71"),
    ("C70.0", 9530, 0, "D32"), ("C72.0", 9530, 0, "D32"), ("C70.0", 9539, 1, "D42"), ("C70.0", 9530, 3, "C70"),
    ("C72.4", 9560, 0, "D33"), ("C71.5", 9390, 0, "D33"), ("C71.5", 9390, 1, "D43"), ("C75.2", 9350, 1, "D44"),
    ("C75.1", 9350, 0, "D35"), ("C75.1", 8272, 0, "D35"), ("C75.3", 9361, 1, "D44"), ("C71.2", 9505, 1, "D43"),
    ("C74.1", 9500, 3, "C74"), ("C48.0", 9500, 3, "C48"), ("C80.9", 9500, 3, "C74"), ("C69.2", 9510, 3, "C69"),
    ("C64.9", 8960, 3, "C64"), ("C48.0", 8960, 3, "C64"), ("C22.0", 8970, 3, "C22"), ("C22.0", 8170, 3, "C22"),
    ("C40.2", 9180, 3, "C40"), ("C41.4", 9260, 3, "C41"), ("C49.2", 9260, 3, "C41"), ("C76.5", 9180, 3, "C40"),
    ("C49.0", 8910, 3, "C49"), ("C44.3", 8910, 3, "C49"), ("C76.0", 8900, 3, "C49"), ("C67.9", 8910, 3, "C67"),
    ("C47.2", 9540, 3, "C47"), ("C44.5", 8832, 3, "C44"), ("C44.5", 9140, 3, "C46"), ("C38.4", 9050, 3, "C45"),
    ("C44.5", 8720, 3, "C43"), ("C51.9", 8720, 3, "C51"), ("C69.3", 8720, 3, "C69"), ("C44.5", 8720, 2, "D03"),
    ("C62.1", 9070, 3, "C62"), ("C56.9", 9064, 3, "C56"), ("C71.8", 9064, 3, "C71"), ("C73.9", 8260, 3, "C73"),
    ("C11.9", 8082, 3, "C11"), ("C44.3", 8090, 3, "C44"), ("C18.1", 8240, 3, "C18"), ("C80.9", 8000, 3, "C80"),
    ("C53.9", 8077, 2, "D06"), ("C50.9", 8500, 2, "D05"), ("C67.9", 8120, 2, "D09"), ("C44.5", 8070, 2, "D04"),
    ("C44.5", 8720, 0, "D22"), ("C22.0", 9120, 0, "D18"), ("C49.1", 8850, 0, "D17"), ("C56.9", 9080, 0, "D27"),
    ("C40.2", 9220, 0, "D16"), ("C64.9", 8960, 1, "D41"), ("C56.9", 8442, 1, "D39"), ("C77.0", 8000, 1, "D47"),
]  # fmt: skip


def tumours(rows):
    return pd.DataFrame(rows, columns=["topography", "morphology", "behaviour"])


def test_cancers_of_children():
    found = add_icd10(tumours([row[:3] for row in CHILDREN]))["icd10"].tolist()
    assert [(*row[:3], category) for row, category in zip(CHILDREN, found, strict=True)] == CHILDREN


def test_codes_may_be_written_without_a_dot_and_as_text():
    assert add_icd10(tumours([("C716", "9470", "3"), ("c71.6", 9470.0, 3)]))["icd10"].tolist() == [
        "C71",
        "C71",
    ]


@pytest.mark.parametrize(
    "row", [(None, 9470, 3), ("X71.6", 9470, 3), ("C71.6", None, 3), ("C71.6", 9470, None)]
)
def test_what_is_no_code_has_no_category(row):
    assert add_icd10(tumours([row]))["icd10"].isna().all()


def test_no_category_where_the_classification_has_none():
    """ICD-10 has no in situ tumours of bone, brain, soft tissue or lymph nodes."""
    sites = ["C41.0", "C71.6", "C49.0", "C77.0"]
    assert add_icd10(tumours([(site, 8000, 2) for site in sites]))["icd10"].isna().all()


def test_every_malignant_tumour_of_every_site_has_a_category():
    sites = [f"C{site:02d}.{part}" for site in range(81) for part in range(10)]
    morphologies = [8000, 8140, 8720, 8910, 9180, 9260, 9470, 9500, 9811, 9663, 9993]
    found = add_icd10(tumours([(site, code, 3) for site in sites for code in morphologies]))[
        "icd10"
    ]
    assert found.notna().all()
    assert found.str.fullmatch(r"C\d\d|D4[5-7]|D76").all()


def test_rows_and_index_are_kept_and_counts_pass():
    cases = tumours([("C71.6", 9470, 3), ("C42.1", 9836, 3)]).set_index(pd.Index([7, 3]))
    assert add_icd10(cases)["icd10"].to_dict() == {7: "C71", 3: "C91"}
    counts = pd.DataFrame({"site": ["Brain"], "cases": [4]})
    assert add_icd10(counts) is counts
    assert add_icd10(cases.head(0))["icd10"].tolist() == []


def test_a_missing_column_is_named():
    with pytest.raises(MissingStepError, match="behaviour"):
        add_icd10(pd.DataFrame({"topography": ["C71.6"], "morphology": ["9470"]}))


def test_many_rows_get_their_own():
    drawn = np.random.default_rng(1).integers(len(CHILDREN), size=200_000)
    many = tumours([row[:3] for row in CHILDREN]).iloc[drawn].reset_index(drop=True)
    found = add_icd10(many)["icd10"]
    assert found.tolist() == [CHILDREN[position][3] for position in drawn]
