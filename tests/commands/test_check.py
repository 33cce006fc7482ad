"""What an extract holds, its faults, and what registries ask of cases."""

from types import SimpleNamespace

import pytest

from analysis.commands.app import main
from analysis.commands.check import survey_lines
from analysis.register import read_extract


def test_check_says_what_it_found_and_names_no_person(cases_text, tmp_path, capsys):
    path = tmp_path / "cases.csv"
    path.write_text(cases_text)
    assert main(["check", str(path)]) == 0
    printed = capsys.readouterr().out
    assert "cases: 2 rows, valid" in printed
    assert "country: NO" in printed
    assert "year: 2010–2012" in printed
    assert "sex: female, male" in printed
    assert "2010-03-01" not in printed


def test_check_tells_the_same_of_an_extract_too_large_to_hold(
    cases_text, tmp_path, capsys, monkeypatch
):
    path = tmp_path / "cases.csv"
    read_extract("demo").head(300).to_csv(path, index=False)
    assert main(["check", str(path)]) == 0
    held = capsys.readouterr().out.split("filled columns")[0]
    monkeypatch.setattr("analysis.register.is_large", lambda source: True)
    assert main(["check", str(path)]) == 0
    told = capsys.readouterr().out
    assert told.startswith(held)
    assert "registry checks" in told.splitlines()[-1]


def test_check_tells_of_counts_with_their_groups_in_order(cases_text, tmp_path, capsys):
    path = tmp_path / "counts.csv"
    rows = "".join(f"NO,2012,male,0-4,{group},6,1000\n" for group in ("IX", "V", "I"))
    path.write_text(f"country,year,sex,age_group,iccc3_group,cases,person_years\n{rows}")
    assert main(["check", str(path), "--table", "counts"]) == 0
    assert "iccc3_group: I, V, IX\n" in capsys.readouterr().out


def test_check_lists_every_fault(cases_text, tmp_path, capsys):
    path = tmp_path / "cases.csv"
    path.write_text(cases_text.replace("female", "f").replace("NO,2012", "Norway,2012"))
    assert main(["check", str(path)]) == 2
    printed = capsys.readouterr().err
    assert "sex" in printed
    assert "country" in printed
    assert main(["check", str(tmp_path / "absent.csv")]) == 2


def test_check_asks_what_registries_ask_and_writes_it(cases_text, tmp_path, capsys):
    path = tmp_path / "cases.csv"
    path.write_text(cases_text.replace("C71.6", "C22.0"))
    assert main(["check", str(path), "--report", str(tmp_path / "checks")]) == 0
    printed = capsys.readouterr().out
    assert "warning  site_morphology: does not hold in 1 row (2)" in printed
    assert {file.name for file in (tmp_path / "checks").iterdir()} == {"check.html", "check.csv"}
    assert str(tmp_path / "checks" / "check.html") in printed


def test_what_cannot_be_true_is_exit_two_after_the_whole_list(cases_text, tmp_path, capsys):
    path = tmp_path / "cases.csv"
    path.write_text(cases_text.replace("C71.6,9470", "C56.9,9071"))
    assert main(["check", str(path), "--report", str(tmp_path / "checks")]) == 2
    printed = capsys.readouterr()
    assert "error    sex_topography" in printed.out
    assert printed.err.startswith("registry checks: 1 fault")
    assert (tmp_path / "checks" / "check.csv").is_file()


@pytest.fixture
def survey():
    def make(rows=4, **parts):
        filled = {"country": 4, "year": 0, "diagnosis_date": 3, "sex": 0}
        levels = {"country": ["NO", "DK"], "year": [2012.0, 2010.0], "sex": []}
        return SimpleNamespace(rows=rows, **{"filled": filled, "levels": levels, **parts})

    return make


def test_levels_stand_in_order_and_what_is_missing_is_counted(survey):
    assert list(survey_lines("cases", survey())) == [
        "cases: 4 rows, valid",
        "country: DK, NO",
        "year: 2010–2012 (missing in 1 rows)",
        "sex: none (missing in 4 rows)",
        "filled columns:",
        "  country                  100.0%",
        "  year                       0.0%",
        "  diagnosis_date            75.0%",
        "  sex                        0.0%",
    ]


def test_a_table_without_rows_has_no_shares(survey):
    lines = list(survey_lines("cases", survey(rows=0, filled={"country": 0}, levels={"year": []})))
    assert lines == ["cases: 0 rows, valid", "year: none", "filled columns:", "  country"]
