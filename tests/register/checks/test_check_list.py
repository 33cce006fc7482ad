"""Registry checks: each fires on a case that it concerns and is silent on its neighbour that it does not."""

import csv
import io
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from analysis.errors import InputError
from analysis.register import (
    demonstration_cases,
    describe_findings,
    error_sentences,
    list_checks,
    registry_checks,
    validate_cases,
    write_check_report,
)

CHILD = {
    "case_id": "1",
    "person_id": "a",
    "country": "NO",
    "sex": "male",
    "birth_date": "2010-03-20",
    "diagnosis_date": "2014-06-10",
    "last_contact_date": "2020-12-31",
    "vital_status": "alive",
    "topography": "C64.9",
    "morphology": "8960",
    "behaviour": 3,
    "basis_of_diagnosis": 7,
    "laterality": "left",
}
SECOND = {"case_id": "2", "topography": "C71.6", "morphology": "9470", "laterality": "none"}
OTHER = {"case_id": "2", "person_id": "b"}
DEAD = {"vital_status": "dead", "cause_of_death": "cancer"}
CERTIFICATE = DEAD | {"basis_of_diagnosis": 0, "last_contact_date": "2014-06-10"}
AUTOPSY = DEAD | {"autopsy_only": "yes", "last_contact_date": "2014-06-10"}
LEUKAEMIA = {"topography": "C42.1", "morphology": "9811", "laterality": "none"}
OVARY = {"topography": "C56.9", "morphology": "9071", "sex": "female"}
BRAIN = {"topography": "C71.6", "morphology": "9421", "behaviour": 1, "laterality": "none"}
MEDULLOBLASTOMA = {"topography": "C71.6", "morphology": "9470", "laterality": "none"}
EYE = {"topography": "C69.2", "morphology": "9510"}
AT_16, AT_4 = {"birth_date": "1998-03-20"}, {"birth_date": "2010-03-20"}

# For each check: the rows on which it fires, and rows that differ where it should be silent.
CASES = [
    ("topography_code", [{"topography": "C22.9"}], [{}]),
    ("morphology_code", [{"morphology": "8999"}], [{"morphology": "8964"}]),
    ("birth_before_diagnosis", [{"birth_date": "2014-06-11"}], [{"birth_date": "2014-06-10"}]),
    ("diagnosis_before_contact", [{"last_contact_date": "2014-06-09"}], [{"last_contact_date": "2014-06-10"}]),
    (
        "diagnosis_before_relapse",
        [{"relapse": "yes", "relapse_date": "2014-06-09"}],
        [{"relapse": "yes", "relapse_date": "2014-06-10"}],
    ),
    (
        "relapse_before_contact",
        [{"relapse": "yes", "relapse_date": "2021-01-01"}],
        [{"relapse": "yes", "relapse_date": "2020-12-31"}],
    ),
    ("year_of_diagnosis", [{"year": 2015}], [{"year": 2014}]),
    ("age_by_dates", [{"age_at_diagnosis": 5}], [{"age_at_diagnosis": 4}]),
    (
        "age_by_rounded_dates",
        [{"age_at_diagnosis": 5, "diagnosis_date": "2014-06-15"}],
        [{"age_at_diagnosis": 4, "diagnosis_date": "2014-06-15"}],
    ),
    ("age_days_by_dates", [{"age_at_diagnosis_days": 900}], [{"age_at_diagnosis_days": 1543}]),
    ("follow_up_by_dates", [{"follow_up_days": 100}], [{"follow_up_days": 2396}]),
    (
        "relapse_by_dates",
        [{"relapse": "yes", "relapse_date": "2016-06-10", "relapse_days": 100}],
        [{"relapse": "yes", "relapse_date": "2016-06-10", "relapse_days": 731}],
    ),
    ("diagnosis_dated", [{"diagnosis_date": None}], [{"diagnosis_date": None, "year": 2014}]),
    ("dead_dated", [DEAD | {"last_contact_date": None}], [DEAD]),
    ("alive_dated", [{"last_contact_date": None}], [{"last_contact_date": None, "vital_status": "unknown"}]),
    ("cause_of_the_dead", [{"cause_of_death": "cancer"}], [DEAD]),
    ("certificate_only_dead", [CERTIFICATE | {"vital_status": "alive", "cause_of_death": None}], [CERTIFICATE]),
    ("certificate_only_followed", [CERTIFICATE | {"last_contact_date": "2014-06-11"}], [CERTIFICATE]),
    ("autopsy_only_dead", [AUTOPSY | {"vital_status": "alive", "cause_of_death": None}], [AUTOPSY]),
    ("autopsy_only_followed", [AUTOPSY | {"last_contact_date": "2014-06-11"}], [AUTOPSY]),
    ("autopsy_or_certificate", [AUTOPSY | {"basis_of_diagnosis": 0}], [AUTOPSY]),
    ("relapse_dated", [{"relapse": "yes"}], [{"relapse": "no"}]),
    ("relapse_said", [{"relapse": "no", "relapse_days": 300}], [{"relapse": "yes", "relapse_days": 300}]),
    ("person_birth", [{}, SECOND | {"birth_date": "2010-03-21"}], [{}, OTHER | {"birth_date": "2010-03-21"}]),
    ("person_sex", [{}, SECOND | {"sex": "female"}], [{}, SECOND | {"sex": "unknown"}]),
    ("person_status", [{}, SECOND | {"last_contact_date": "2019-01-01"}], [{}, SECOND]),
    (
        "diagnosed_after_death",
        [DEAD | {"last_contact_date": "2015-01-01"}, SECOND | {"diagnosis_date": "2015-01-02"}],
        [DEAD | {"last_contact_date": "2015-01-01"}, SECOND | {"diagnosis_date": "2015-01-01"}],
    ),
    ("duplicate_row", [{}, {"case_id": "2"}], [{}, SECOND]),
    ("duplicate_tumour", [{}, {"case_id": "2", "diagnosis_date": "2016-01-01"}], [{}, SECOND]),
    ("possible_same_person", [{}, OTHER], [{}, OTHER | {"birth_date": "2010-03-21"}]),
    ("sex_topography", [OVARY | {"sex": "male"}], [OVARY]),
    ("sex_morphology", [{"morphology": "8620", "topography": "C62.9"}], [OVARY | {"morphology": "8620"}]),
    ("site_morphology", [{"topography": "C22.0", "laterality": "none"}], [{}]),
    ("age_morphology_older", [MEDULLOBLASTOMA | AT_16], [MEDULLOBLASTOMA | AT_4]),
    ("age_morphology_younger", [LEUKAEMIA | {"morphology": "9823"}], [LEUKAEMIA]),
    (
        "age_topography",
        [{"topography": "C61.9", "morphology": "8910", "laterality": "none"}],
        [{"topography": "C61.9", "morphology": "8910", "laterality": "none", "birth_date": "2004-03-20"}],
    ),
    (
        "age_combination",
        [{"topography": "C18.0", "morphology": "8140", "laterality": "none"}],
        [{"topography": "C18.1", "morphology": "8240", "laterality": "none"}],
    ),
    ("age_combination", [EYE | AT_16], [EYE]),
    (
        "age_placenta",
        [{"topography": "C58.9", "morphology": "9100", "sex": "female", "laterality": "none"}],
        [{"topography": "C58.9", "morphology": "9100", "sex": "female", "laterality": "none"} | AT_16],
    ),
    ("in_situ_topography", [MEDULLOBLASTOMA | {"behaviour": 2}], [MEDULLOBLASTOMA]),
    (
        "in_situ_morphology",
        [{"behaviour": 2}],
        [{"topography": "C62.9", "morphology": "9064", "behaviour": 2}],
    ),
    ("behaviour_malignant_only", [MEDULLOBLASTOMA | {"behaviour": 1}], [BRAIN]),
    ("behaviour_never_malignant", [BRAIN | {"morphology": "9384", "behaviour": 3}], [BRAIN | {"morphology": "9384"}]),
    ("basis_morphology", [{"morphology": "8310", "basis_of_diagnosis": 2}], [{"basis_of_diagnosis": 2}]),
    ("grade_non_malignant", [BRAIN | {"grade": "1"}], [BRAIN | {"grade": "9"}]),
    ("grade_differentiation", [EYE | {"morphology": "9511", "grade": "4"}], [EYE | {"grade": "4"}]),
    ("grade_lineage", [LEUKAEMIA | {"morphology": "9837", "grade": "6"}], [LEUKAEMIA | {"grade": "6"}]),
    ("grade_lineage_solid", [{"grade": "6"}], [LEUKAEMIA | {"grade": "6"}]),
    ("laterality_systemic", [LEUKAEMIA | {"laterality": "left"}], [LEUKAEMIA]),
    ("laterality_unpaired", [{"topography": "C22.0", "morphology": "8970"}], [{}]),
    ("laterality_paired", [{"laterality": "none"}], [{"laterality": "bilateral"}]),
]  # fmt: skip


def cohort(rows):
    frame = pd.DataFrame([CHILD | row for row in rows])
    frame["last_contact_date"] = [(CHILD | row)["last_contact_date"] for row in rows]
    for column in ("birth_date", "diagnosis_date", "last_contact_date", "relapse_date"):
        if column in frame:
            frame[column] = pd.to_datetime(frame[column])
    whole = [
        name
        for name in ("behaviour", "basis_of_diagnosis", "year", "age_at_diagnosis")
        if name in frame
    ]
    return frame.astype(dict.fromkeys(whole, "Int64")).astype({"morphology": object})


def found(rows):
    return set(registry_checks(cohort(rows))["check"])


@pytest.mark.parametrize(("check", "fires", "silent"), CASES, ids=[case[0] for case in CASES])
def test_a_check_fires_where_it_should_and_nowhere_else(check, fires, silent):
    assert check in found(fires)
    assert check not in found(silent)


def test_every_check_has_a_case():
    assert {case[0] for case in CASES} == set(list_checks()["check"])


def test_a_usual_tumour_is_not_asked_about():
    assert found([{}]) == set()
    assert found([LEUKAEMIA, MEDULLOBLASTOMA | OTHER | {"birth_date": "2009-01-01"}]) == set()


def test_every_check_has_a_severity_a_source_and_words():
    for language in ("en", "nb"):
        checks = list_checks(language)
        assert checks["severity"].isin(["error", "warning", "query"]).all()
        assert checks["source"].str.len().gt(20).all()
        assert not checks["what_holds"].str.startswith("check.").any()
        assert not checks["what_to_do"].str.startswith("check_action.").any()
        assert checks["check"].is_unique


def test_true_cases_of_adolescents_are_queries():
    severity = list_checks().set_index("check")["severity"]
    tumours = [
        ("C71.6", "9470"),
        ("C64.9", "8960"),
        ("C77.0", "9687"),
        ("C49.0", "8910"),
        ("C18.9", "8140"),
    ]
    rows = [
        AT_16
        | {
            "topography": site,
            "morphology": kind,
            "laterality": None,
            "case_id": kind,
            "person_id": kind,
        }
        for site, kind in tumours
    ]
    asked = found(rows) - {"possible_same_person"}
    assert asked == {"age_morphology_older", "age_combination"}
    assert set(severity[list(asked)]) == {"query"}


def test_rows_are_counted_and_the_first_five_told():
    rows = [OVARY | {"sex": "male", "case_id": str(n), "person_id": str(n)} for n in range(7)]
    one = registry_checks(cohort([{}, *rows])).set_index("check").loc["sex_topography"]
    assert (one["rows"], one["examples"]) == (7, "2, 3, 4, 5, 6")
    moved = registry_checks(cohort([OVARY | {"sex": "male"}]), rows=np.array([41])).set_index(
        "check"
    )
    assert moved.loc["sex_topography", "examples"] == "41"


def test_errors_come_first():
    table = registry_checks(
        cohort([OVARY | {"sex": "male", "basis_of_diagnosis": 2, "laterality": "none"}])
    )
    ranks = table["severity"].map({"error": 0, "warning": 1, "query": 2})
    assert ranks.is_monotonic_increasing
    assert ranks.iloc[0] == 0
    assert table.columns.tolist() == [
        "check",
        "severity",
        "rows",
        "examples",
        "what_holds",
        "what_to_do",
        "source",
    ]


def test_missing_columns_and_values_are_silent():
    few = pd.DataFrame(
        {
            "topography": ["C71.6", None],
            "morphology": ["9470", None],
            "behaviour": [3, None],
            "year": 2014,
        }
    )
    assert registry_checks(few).empty
    assert registry_checks(pd.DataFrame({"site": ["Bone"], "cases": [3]})).empty
    assert registry_checks(cohort([{}]).iloc[:0]).empty
    bare = cohort([{}]).drop(columns=["person_id", "case_id", "vital_status", "last_contact_date"])
    assert registry_checks(bare).empty


@pytest.mark.parametrize("column", [*CHILD, None])
def test_any_column_may_be_absent_or_empty(column):
    rows = cohort(
        [
            {"year": 2014, "age_at_diagnosis": 4, "relapse": "yes", "relapse_days": 9},
            {},
            SECOND,
            OTHER,
        ]
    )
    whole = set(registry_checks(rows)["check"])
    if column:
        less = {"diagnosis_dated", "alive_dated", "laterality_paired"}
        assert set(registry_checks(rows.drop(columns=column))["check"]) <= whole | less
        rows[column] = rows[column].where(rows["person_id"].isna())
        assert set(registry_checks(rows)["check"]) <= whole | less | {"possible_same_person"}


def test_order_and_index_of_rows_do_not_matter():
    rows = cohort([{}, OVARY | {"sex": "male", "case_id": "2", "person_id": "b"}, {"case_id": "3"}])
    shuffled = rows.set_axis([9, 4, 4])
    pd.testing.assert_frame_equal(registry_checks(rows), registry_checks(shuffled))
    backwards = registry_checks(rows.iloc[::-1].reset_index(drop=True))
    assert (
        backwards[["check", "rows"]].values.tolist()
        == registry_checks(rows)[["check", "rows"]].values.tolist()
    )


def test_the_demonstration_has_no_error():
    table = registry_checks(demonstration_cases())
    assert set(table["severity"]) <= {"warning", "query"}


def test_checks_take_what_the_contract_gives():
    text = pd.DataFrame([CHILD | {"grade": "6", "behaviour": "3"}]).astype(str)
    assert registry_checks(validate_cases(text))["check"].tolist() == ["grade_lineage_solid"]


class Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.text = [], []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, text):
        self.text.append(text)


@pytest.mark.parametrize("language", ["en", "nb"])
def test_the_page_and_the_file_say_the_same_and_name_no_person(tmp_path, language):
    person = {"person_id": "secret<b>", "case_id": "secret-case"}
    findings = registry_checks(cohort([OVARY | {"sex": "male"} | person]), language)
    page, table = write_check_report(findings, tmp_path / "new" / "folder", language)
    reader = Reader()
    reader.feed(page.read_text(encoding="utf-8"))
    names = [tag for tag, _ in reader.tags]
    assert dict(reader.tags)["html"]["lang"] == language
    assert (
        names.count("h1"),
        names.count("main"),
        names.count("table"),
        names.count("caption"),
    ) == (1, 1, 2, 2)
    assert {attributes.get("scope") for tag, attributes in reader.tags if tag == "th"} == {
        "col",
        "row",
    }
    assert not {"script", "link", "img"} & set(names)
    rows = list(csv.DictReader(io.StringIO(table.read_text(encoding="utf-8"))))
    assert [row["check"] for row in rows] == findings["check"].tolist()
    told = page.read_text(encoding="utf-8") + table.read_text(encoding="utf-8")
    assert "secret" not in told
    assert "2010-03-20" not in told
    assert all(row["what_holds"] in "".join(reader.text) for row in rows)
    assert sorted(path.name for path in (tmp_path / "new" / "folder").iterdir()) == [
        "check.csv",
        "check.html",
    ]


def test_a_page_without_findings_says_so(tmp_path):
    page, table = write_check_report(registry_checks(cohort([{}])), tmp_path)
    assert "No check found anything" in page.read_text(encoding="utf-8")
    assert len(table.read_text(encoding="utf-8").splitlines()) == 1


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="folder file: 1 fault"):
        write_check_report(registry_checks(cohort([{}])), tmp_path / "file")


def test_what_a_terminal_reads():
    findings = registry_checks(cohort([OVARY | {"sex": "male"}, OTHER | AT_16]))
    lines = describe_findings(findings)
    assert lines[0] == f"registry checks: {len(list_checks())} asked, 2 found something"
    assert lines[1].startswith("error    sex_topography: does not hold in 1 row (1)")
    assert error_sentences(findings) == [
        "sex_topography: A boy has no tumour of a female genital organ, a girl none of a male one; "
        "does not hold in 1 row (1)"
    ]
