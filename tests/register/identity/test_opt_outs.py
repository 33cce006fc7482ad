"""Those who opted out are gone before anything else sees them, and are told as a number or not at all."""

import pandas as pd
import pytest

from analysis.cases import age_below, select_eligible
from analysis.errors import InputError
from analysis.register import (
    leave_out_persons,
    prepare_sources,
    read_extract,
    read_opt_outs,
    read_opted_out,
)

COLUMNS = [
    "case_id",
    "person_id",
    "country",
    "sex",
    "topography",
    "morphology",
    "behaviour",
    "age_at_diagnosis",
]


def extract(rows, **changes):
    lines = [
        [f"t{row}", f"{row:04d}", "NO", "male", "C71.6", "9470", "3", str(row % 18)]
        for row in range(1, rows + 1)
    ]
    return pd.DataFrame(lines, columns=COLUMNS).assign(**changes)


def prepared(folder, frame, gone, minimum=5, mapping=None):
    folder.mkdir(parents=True, exist_ok=True)
    frame.to_csv(folder / "cases.csv", index=False)
    (folder / "gone.csv").write_text(
        "id;reason\n" + "".join(f"{one};x\n" for one in gone), encoding="utf-8"
    )
    source = {"file": folder / "cases.csv", "mapping": mapping}
    opt_outs = {"file": folder / "gone.csv", "column": "id"}
    return prepare_sources({"cases": source}, folder / "cohort", opt_outs, minimum)


def test_they_are_in_no_table_and_counted_in_the_flow(tmp_path):
    intake = prepared(tmp_path, extract(30), [3, 4, 5, 6, 7])
    cases = read_extract(intake.parameters["cases_source"])
    assert len(cases) == 25 and intake.inputs[0]["rows"] == 25
    left_out = read_opted_out(intake.parameters["cases_source"])
    _, flow = select_eligible(cases, [age_below(18)], opted_out=left_out)
    assert flow.values.tolist() == [
        ["registered", 0, 30],
        ["opted_out", 5, 25],
        ["age_below_18", 0, 25],
    ]


def test_of_other_sources_nobody_has_been_left_out(tmp_path):
    extract(3).to_parquet(tmp_path / "raw.parquet", index=False)
    (tmp_path / "text.parquet").write_text("no table")
    for source in (
        "demo",
        tmp_path / "absent.csv",
        tmp_path / "raw.parquet",
        tmp_path / "text.parquet",
    ):
        assert read_opted_out(source) == 0


@pytest.mark.parametrize(
    ("gone", "told", "registered"),
    [(0, 0, 30), (4, None, 26), (5, 5, 30)],
)
def test_few_are_not_told_even_in_the_private_table(tmp_path, gone, told, registered):
    source = prepared(tmp_path, extract(30), range(1, gone + 1)).parameters["cases_source"]
    assert read_opted_out(source) == told
    _, flow = select_eligible(read_extract(source), [], opted_out=read_opted_out(source))
    assert flow["remaining"].iloc[0] == registered
    assert flow["criterion"].tolist() == ["registered", *["opted_out"] * (gone > 0)]


def test_their_faults_and_their_identity_are_never_told(tmp_path):
    frame = extract(20)
    frame.loc[4, ["sex", "topography"]] = ["15108695088", "nonsense"]  # the person who opted out
    prepared(tmp_path / "a", frame, [5])
    frame.loc[9, "sex"] = "neither"
    with pytest.raises(InputError) as refusal:
        prepared(tmp_path / "b", frame, [5])
    assert [fault for fault in refusal.value.faults if "row" in fault] == list(refusal.value.faults)
    assert "1 row (10)" in str(refusal.value) and "1 row (5)" not in str(refusal.value)


def test_the_extract_calls_persons_as_the_mapping_says(tmp_path):
    mapping = {"columns": {name: name for name in COLUMNS} | {"person_id": {"column": "pasient"}}}
    frame = extract(20).rename(columns={"person_id": "pasient"})
    cases = read_extract(
        prepared(tmp_path, frame, ["0003"], mapping=mapping).parameters["cases_source"]
    )
    assert len(cases) == 19
    with pytest.raises(InputError, match="must have a column of persons"):
        leave_out_persons(frame, None, frozenset("1"))


@pytest.mark.parametrize("written", ["0003", "3", " 3 ", "'0003", "3.0", "0003.0"])
def test_what_a_spreadsheet_does_to_a_number_does_not_bring_a_person_back(tmp_path, written):
    assert (
        len(read_extract(prepared(tmp_path, extract(20), [written]).parameters["cases_source"]))
        == 19
    )


def test_letter_case_and_encoding_of_a_list(tmp_path):
    (tmp_path / "gone.txt").write_bytes("ab-1\r\nØ2\r\n".encode("latin-1"))
    gone = read_opt_outs(tmp_path / "gone.txt")
    assert leave_out_persons(pd.DataFrame({"person_id": ["AB-1", "ø2", "c"]}), None, gone)[
        "person_id"
    ].tolist() == ["c"]


@pytest.mark.parametrize(
    ("content", "column", "fault"),
    [
        (b"id\n1\n", "person", "must have the column 'person'"),
        (b"\0\1", None, "must be text"),
        (b"", "id", "a header"),
    ],
)
def test_a_list_that_cannot_be_read_is_a_fault(tmp_path, content, column, fault):
    (tmp_path / "gone.csv").write_bytes(content)
    with pytest.raises(InputError, match=fault):
        read_opt_outs(tmp_path / "gone.csv", column)
    with pytest.raises(InputError, match="can be read"):
        read_opt_outs(tmp_path / "absent.csv")


def test_an_extract_of_nobody_else_is_a_fault(tmp_path):
    with pytest.raises(InputError, match="no rows"):
        prepared(tmp_path, extract(3), [1, 2, 3])


def test_the_demonstration_can_lose_its_invented_children_too(tmp_path):
    persons = read_extract("demo")["person_id"].unique()[:10]
    (tmp_path / "gone.txt").write_text("\n".join(persons))
    intake = prepare_sources(
        {"cases": {"file": "demo"}}, tmp_path / "cohort", {"file": tmp_path / "gone.txt"}
    )
    cases = read_extract(intake.parameters["cases_source"])
    assert not cases["person_id"].isin(persons).any() and intake.invented == {"cases"}
    assert read_opted_out(intake.parameters["cases_source"]) >= 10
