"""The shared real data through a mapping: figures agree with R's survfit, and with a computation by hand."""

import csv
from pathlib import Path

import pandas as pd
import pytest

ORACLE = Path(__file__).resolve().parents[1] / "oracle" / "answer_wilms.csv"
STRATA = {"period", "pooled_group", "age_panel", "age_group", "stage"}
WORLD = {"0-4": 12, "5-9": 10, "10-14": 9}
SURVIVAL = ["02_registry_and_data", "06_survival", "07_survival_over_time", "13_methods"]


def tables(public, chapter):
    """The CSV files of a chapter that readers may take, by name."""
    return {
        path.name: pd.read_csv(path)
        for path in sorted((public / "en" / "data").glob(f"{chapter}-*.csv"))
    }


@pytest.fixture(scope="module")
def wilms(tmp_path_factory, shared_file, write_edition, wilms_mapping, workbench):
    folder = tmp_path_factory.mktemp("wilms")
    extract = {"file": str(shared_file("data", "nwts_wilms.csv")), "mapping": wilms_mapping}
    edition = write_edition(
        folder,
        country="US",
        countries=["US"],
        sources={"cases": extract},
        diagnosis_years=None,
        closing_date=None,
        provisional_years=0,
        outcome="relapse",
        chapters=[*SURVIVAL, "03_incidence"],
    )
    code, said, complaint = workbench("build", edition)
    assert code == 0, said + complaint
    return folder / "outputs" / "test" / "public", said


def test_children_without_dates_make_the_survival_chapters(wilms):
    public, said = wilms
    for chapter in SURVIVAL:
        page = (public / "en" / f"{chapter}.html").read_text(encoding="utf-8")
        assert "invented" not in page
        assert "NaN" not in page
    assert not (public / "en" / "03_incidence.html").exists()
    assert "03_incidence" in said
    assert "Incidence" in (public / "en" / "index.html").read_text(encoding="utf-8")


def survival_rows(public, chapter, **strata):
    """Survival at fixed years in these strata, from the longest table of a chapter that has it."""
    found = []
    for table in tables(public, chapter).values():
        if {"years", "survival"} <= set(table.columns) and STRATA & set(table.columns) == set(
            strata
        ):
            for column, value in strata.items():
                table = table[table[column].astype(str).str.replace("–", "-") == value]
            found.append(table.set_index("years"))
    return max(found, key=len)


@pytest.mark.parametrize("period", ["1979-1986", "1986-1994"])
def test_survival_over_time_is_that_of_survfit(wilms, period):
    expected = pd.read_csv(ORACLE).query("period == @period").set_index("years")
    found = survival_rows(wilms[0], "07_survival_over_time", period=period)
    for column in ("at_risk", "survival", "lower", "upper"):
        assert found.loc[expected.index, column].tolist() == pytest.approx(
            expected[column].tolist(), abs=1e-6
        )


def test_survival_of_all_is_that_of_survfit(wilms):
    expected = pd.read_csv(ORACLE).query("period == 'all'").set_index("years")
    found = survival_rows(wilms[0], "06_survival", pooled_group="IV-XII")
    assert found["survival"].tolist() == pytest.approx(expected["survival"].tolist(), abs=1e-6)
    assert found["upper"].tolist() == pytest.approx(expected["upper"].tolist(), abs=1e-6)


@pytest.fixture(scope="module")
def ci5(tmp_path_factory, shared_file, write_edition, ci5_mapping, workbench):
    folder = tmp_path_factory.mktemp("ci5")
    counts = {"file": str(shared_file("data", "ci5_nordic_children.csv")), "mapping": ci5_mapping}
    edition = write_edition(
        folder,
        countries=["DK", "EE", "IS", "LV", "LT", "NO"],
        sources={"counts": counts},
        diagnosis_years=None,
        closing_date=None,
        provisional_years=0,
        age_limit=15,
        chapters=[
            "03_incidence",
            "04_incidence_over_time",
            "05_incidence_countries",
            "06_survival",
        ],
    )
    code, said, complaint = workbench("build", edition)
    assert code == 0, said + complaint
    return folder / "outputs" / "test" / "public", said


def by_hand(path):
    """World-standardised rates 0–14 per million, with nothing but a loop."""
    cases, person_years = {}, {}
    with path.open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            key = row["country"], row["age_group"]
            if row["age_group"] in WORLD and row["site"] == "All sites":
                cases[key] = cases.get(key, 0) + int(row["cases"])
                person_years[key] = person_years.get(key, 0) + float(row["person_years"])
    countries = {country for country, _ in cases}
    return {
        country: 1e6
        * sum(
            weight * cases[country, age] / person_years[country, age]
            for age, weight in WORLD.items()
        )
        / sum(WORLD.values())
        for country in countries
    }


def test_counts_make_the_incidence_chapters(ci5):
    public, said = ci5
    assert (public / "en" / "03_incidence.html").exists()
    assert (public / "en" / "05_incidence_countries.html").exists()
    index = (public / "en" / "index.html").read_text(encoding="utf-8")
    assert "one record for each child" in index
    assert "06_survival" in said


def test_rates_by_country_are_those_computed_by_hand(ci5, shared_file):
    expected = by_hand(shared_file("data", "ci5_nordic_children.csv"))
    found = [
        table
        for table in tables(ci5[0], "05_incidence_countries").values()
        if {"country", "cases", "person_years", "rate"} <= set(table.columns)
        and len(table) == len(expected)
    ]
    rates = found[0].set_index("country")["rate"].to_dict()
    assert rates == pytest.approx(expected, rel=1e-5)


def test_the_home_country_is_that_of_the_panel(ci5, shared_file):
    expected = by_hand(shared_file("data", "ci5_nordic_children.csv"))["NO"]
    panel = next(
        table for table in tables(ci5[0], "03_incidence").values() if "age_panel" in table.columns
    )
    assert panel["rate"].iloc[0] == pytest.approx(expected, rel=1e-5)
