"""Two editions of the incidence chapter, a year apart and with cases corrected: what the comparison says."""

import csv

import pandas as pd
import pytest

from analysis.register import read_extract


@pytest.fixture(scope="module")
def editions(tmp_path_factory, write_edition, workbench):
    """Edition of 2022 without a third of the cases of 2015, and that of 2023 with them."""
    folder = tmp_path_factory.mktemp("editions")
    cases = read_extract("demo").query("country == 'NO'")
    late = pd.to_datetime(cases["diagnosis_date"]).dt.year.eq(2015) & (
        cases.reset_index().index % 3 == 0
    )
    (folder / "params").mkdir()
    built = {}
    for year, known in ((2022, cases[~late]), (2023, cases)):
        known.to_csv(folder / "params" / f"{year}.csv", index=False)
        edition = write_edition(
            folder,
            sources={"cases": {"file": f"{year}.csv"}, "population": "demo"},
            diagnosis_years={"first": 2005, "last": year},
            closing_date=f"{year}-12-31",
            chapters=["04_incidence_over_time"],
        )
        built[year] = folder / "outputs" / str(year)
        code, _, complained = workbench("build", edition, "--jobs", 1, "--output", built[year])
        assert code == 0, complained
    return built


def test_a_year_more_and_corrected_cases_are_told_apart(editions, workbench):
    code, said, complained = workbench("compare", editions[2022], editions[2023])
    assert (code, complained) == (0, "")
    page = editions[2023] / "private" / "comparison" / "index.html"
    assert said.strip() == str(page)
    text = page.read_text(encoding="utf-8")
    assert "2005–2022 → 2005–2023" in text
    with (page.parent / "changes-en.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    late = [
        line for line in lines if line["stratum"] == "year=2015" and line["quantity"] == "cases"
    ]
    assert late and {(line["why"], line["place"].split()[0]) for line in late} == {
        ("corrected", "Figure")
    }
    assert all(0 < float(line["p_value"]) < float(line["adjusted_p_value"]) for line in late)
    assert [line["state"] for line in lines if line["stratum"] == "year=2023"][:1] == ["added"]
    assert {line["why"] for line in lines if line["place"] == "text"} == {"new_year"}
    assert str(editions[2022]) not in text


def test_an_edition_held_against_itself_has_changed_in_nothing(editions, workbench, tmp_path):
    code, said, _ = workbench(
        "compare", editions[2023], editions[2023], "--output", tmp_path / "same"
    )
    assert (code, said.splitlines()[0]) == (0, "nothing changed")


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [(["--language", "nb"], "must be in both"), ([], "folder that is there")],
)
def test_what_cannot_be_compared_is_exit_two(editions, workbench, arguments, fault):
    earlier = editions[2022] if arguments else editions[2022] / "absent"
    code, _, complained = workbench("compare", earlier, editions[2023], *arguments)
    assert (code, fault in complained) == (2, True)
