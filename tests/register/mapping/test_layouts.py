"""Layouts that are known by their columns: an extract made for NORDCAN is read without a mapping."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.errors import InputError
from analysis.register import known_layout, read_extract, read_life_table, read_population

SCHEMA = Path(__file__).resolve().parents[3].parent / "shared" / "domain" / "nordcan_schema.tsv"
RECORDS = """pat,date_of_birth,flag_dob,age,sex,region,tum,tum_sequence,date_of_incidence,flag_doi,bod,topo,morpho,beh,\
grade,laterality,autopsy,vit_sta,end_of_followup,flag_eof
1,2001-12-24,0,8,1,51,11,1,2010-02-03,0,7,C716,9470,3,9,0,0,1,2020-12-31,0
2,2005-01-01,0,6,2,54,12,1,2011-06-15,0,0,C421,9811,3,6,0,1,2,2012-01-01,0
3,2005-01-01,1,6,3,60,13,1,2011-06-15,0,7,C649,8960,3,0,4,9,3,2012-01-01,0
4,2009-05-17,0,1,1,14,14,1,2011-06-15,1,4,C692,9510,3,9,1,0,9,2012-01-01,1
"""


@pytest.fixture
def written(tmp_path):
    def write(text, name="extract.csv"):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / name

    return write


def population(*columns, regions=(50,), years=(2000, 2001)):
    rows = [
        {"year": year, "sex": sex, "region": region, "agegroup": group, "pop_endofyear": 1000 * region + year}
        | {"pop_midyear": 1000 * region + year - 0.5}
        for year in years for sex in (1, 2) for region in regions for group in ("01", "02")
    ]  # fmt: skip
    return pd.DataFrame(rows)[list(columns)].to_csv(index=False)


def test_cancer_records_of_the_call_for_data(written):
    cases = read_extract(written(RECORDS))
    assert cases["country"].tolist() == ["NO", "NO", "SE", "DK"]
    assert cases["region"].tolist() == ["Midt-Norge", "Vest", None, "Hovedstaden"]
    assert cases["sex"].tolist() == ["male", "female", "unknown", "male"]
    assert cases["topography"].tolist() == ["C71.6", "C42.1", "C64.9", "C69.2"]
    assert cases["vital_status"].tolist() == ["alive", "dead", "lost", "unknown"]
    assert cases["laterality"].tolist() == ["none", "none", "bilateral", "right"]
    assert cases["autopsy_only"].tolist() == ["no", "yes", "unknown", "no"]
    assert cases["basis_of_diagnosis"].tolist() == [7, 0, 7, 4]
    assert cases["grade"].tolist() == ["9", "6", None, "9"]
    assert cases["last_contact_date"].dt.year.tolist() == [2020, 2012, 2012, 2012]


def test_capitals_semicolons_and_further_columns_do_not_matter(written):
    header, rest = RECORDS.split("\n", 1)
    text = (header.upper() + "\n" + rest).replace(",", ";").replace("FLAG_EOF", "FLAG_EOF;NOTE")
    text = "\n".join(
        line if "NOTE" in line or not line else line + ";x" for line in text.split("\n")
    )
    assert read_extract(written(text))["case_id"].tolist() == ["11", "12", "13", "14"]


def test_every_column_of_the_call_is_there():
    if not SCHEMA.exists():
        pytest.skip("the domain tables are not beside the repository")
    variables = pd.read_csv(SCHEMA, sep="\t")["variable"]
    records = [name for name in variables if "." not in name]
    assert records == RECORDS.split("\n", 1)[0].split(",")
    layout = known_layout(records, "cases")
    unmapped = set(records) - {rule["column"] for rule in layout["columns"].values()}
    assert unmapped == {"flag_dob", "flag_doi", "flag_eof", "tum_sequence"}


def test_a_code_that_the_call_does_not_have_is_a_fault(written):
    with pytest.raises(InputError, match=r"vital_status: has a code .* 1 row \(4\)"):
        read_extract(written(RECORDS.replace(",9,2012-01-01,1", ",7,2012-01-01,1")))
    with pytest.raises(InputError, match=r"country: has a code .* 1 row \(4\)"):
        read_extract(written(RECORDS.replace(",14,14,", ",90,14,")))


def test_a_mapping_of_ones_own_goes_first(written):
    path = written(RECORDS)
    names = {
        "case_id": "tum",
        "person_id": "pat",
        "topography": "topo",
        "morphology": "morpho",
        "behaviour": "beh",
    }
    cases = read_extract(path, {"columns": names | {"country": {"constant": "FI"}}})
    assert set(cases["country"]) == {"FI"} and "sex" not in cases


def test_our_own_columns_are_no_layout(written):
    assert known_layout(["case_id", "sex", "year", "region"], "cases") is None
    assert known_layout(["year", "sex", "age", "persons", "region"], "population") is None
    assert known_layout(["pat", "tum"], "cases") is None


def test_the_mean_population_is_preferred(written):
    text = population("year", "sex", "region", "agegroup", "pop_endofyear", "pop_midyear")
    people = read_population(written(text))
    assert people["persons"].tolist() == [51999.5] * 4 + [52000.5] * 4
    assert people["age_group"].tolist() == ["0-4", "5-9"] * 4
    assert set(people["country"]) == {"NO"} and people["region"].isna().all()


def test_else_it_is_the_mean_of_two_year_ends(written):
    people = read_population(
        written(
            population("year", "sex", "region", "agegroup", "pop_endofyear", years=(1, 2, 4))
            .replace("\n1,", "\n2001,")
            .replace("\n2,", "\n2002,")
            .replace("\n4,", "\n2004,")
        )
    )
    assert set(people["year"]) == {2002}  # 2001 and 2004 lack the year before
    assert people["persons"].tolist() == [50001.5] * 4


def test_a_country_is_not_counted_beside_its_parts(written):
    text = population("year", "sex", "region", "agegroup", "pop_midyear", regions=(50, 51, 54, 60))
    people = read_population(written(text))
    assert set(people["region"].dropna()) == {"Midt-Norge", "Vest"}
    assert people.loc[people["region"].isna(), "country"].unique().tolist() == ["SE"]
    assert people.groupby("country")["persons"].sum().loc["NO"] == 8 * (51000 + 54000) + 16 * 2000


def test_a_population_that_is_no_number_is_told(written):
    text = population("year", "sex", "region", "agegroup", "pop_endofyear").replace("52001", "many")
    with pytest.raises(InputError, match="persons"):
        read_population(written(text))


def test_life_table_as_chances_of_surviving(written):
    table = read_life_table(written("year,sex,age,prob,region\n2000,1,0,0.99,50\n2000,2,1,1,50\n"))
    assert table["mortality_rate"].tolist() == [pytest.approx(-np.log(0.99)), 0.0]
    assert table["country"].tolist() == ["NO", "NO"]
    with pytest.raises(InputError, match=r"mortality_rate: must be a probability .* 1 row \(1\)"):
        read_life_table(written("year,sex,age,prob,region\n2000,1,0,1.2,50\n2000,2,1,1,50\n"))


def test_a_life_table_of_no_country_says_so(written):
    with pytest.raises(InputError, match="country: is required and absent"):
        read_life_table(written("year,sex,age,prob\n2000,1,0,0.99\n"))


def test_other_layouts_are_only_proposed():
    columns = ["patientIdNumber", "N400", "histologicTypeIcdO3", "behaviorCodeIcdO3"]
    assert known_layout(columns, "cases") is None
    proposed = known_layout(columns, "cases", automatic=False)["columns"]
    assert proposed["topography"] == {"column": "N400"} and "sex" not in proposed


def test_characters_of_a_column_that_holds_two_codes(written):
    path = written("id,m\n1,9470/3\n2,\n")
    names = {
        "case_id": "id",
        "person_id": "id",
        "country": {"constant": "NO"},
        "topography": {"constant": "C71.6"},
    }
    codes = {
        "morphology": {"column": "m", "characters": "1-4"},
        "behaviour": {"column": "m", "characters": "6-6"},
    }
    with pytest.raises(InputError, match=r"behaviour: must be filled.*1 row \(2\)"):
        read_extract(path, {"columns": names | codes})
    cases = read_extract(written("id,m\n1,9470/3\n"), {"columns": names | codes})
    assert cases[["morphology", "behaviour"]].values.tolist() == [["9470", 3]]
    with pytest.raises(InputError, match="characters"):
        read_extract(
            path, {"columns": names | {"morphology": {"column": "m", "characters": "four"}}}
        )
