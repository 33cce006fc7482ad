"""Extracts through a mapping: what a registry sends becomes ours, or one message says why not."""

import pandas as pd
import pytest
import yaml

from analysis.errors import InputError
from analysis.register import read_counts, read_extract, read_population, validate_cases

EXTRACT = """Løpenr;Pasient;Kjønn;Født;Diagnosedato;ICDO_T;ICDO_M;B;Alder_mnd
1;p1;1;24.12.2001;03.02.2010;C716;9470;3;97
2;p2;2;01.01.2005;15.06.2011;C421;9811;3;77
3;p2;9;01.01.2005;;C649;8960;3;NA
"""
MAPPING = {
    "columns": {
        "case_id": "Løpenr",
        "person_id": "Pasient",
        "country": {"constant": "NO"},
        "sex": {"column": "Kjønn", "codes": {1: "male", 2: "female", 9: "unknown"}},
        "birth_date": {"column": "Født", "format": "%d.%m.%Y"},
        "diagnosis_date": {"column": "Diagnosedato", "format": "%d.%m.%Y"},
        "topography": "ICDO_T",
        "morphology": "ICDO_M",
        "behaviour": "B",
        "age_at_diagnosis": {"column": "Alder_mnd", "unit": "months"},
    },
    "file": {"encoding": "latin-1"},
}


@pytest.fixture
def extract(tmp_path):
    path = tmp_path / "uttrekk.csv"
    path.write_text(EXTRACT, encoding="latin-1")
    return path


def changed(**columns):
    return MAPPING | {"columns": MAPPING["columns"] | columns}


def test_a_norwegian_extract_becomes_ours(extract, tmp_path):
    mapping = tmp_path / "mapping.yml"
    mapping.write_text(yaml.safe_dump(MAPPING, allow_unicode=True), encoding="utf-8")
    cases = read_extract(extract, mapping)
    assert cases["sex"].tolist() == ["male", "female", "unknown"]
    assert cases["diagnosis_date"].dt.year.tolist()[:2] == [2010, 2011]
    assert pd.isna(cases["diagnosis_date"].iloc[2])
    assert cases["age_at_diagnosis"].tolist()[:2] == [8, 6]
    assert cases["topography"].tolist() == ["C71.6", "C42.1", "C64.9"]


def test_a_mapping_file_is_text_throughout(tmp_path):
    (tmp_path / "cases.csv").write_text(
        "id,land,svar,t,m\n01,NO,no,C71.6,9470\n02,SE,9,C71.6,9470\n"
    )
    (tmp_path / "mapping.yml").write_text(
        "columns:\n  case_id: id\n  person_id: id\n  topography: t\n  morphology: m\n  behaviour: {constant: 3}\n"
        "  country: {column: land, codes: {NO: NO, SE: SE}}\n"
        "  relapse: {column: svar, codes: {no: no, yes: yes, 9: null}}\n"
    )
    cases = read_extract(tmp_path / "cases.csv", tmp_path / "mapping.yml")
    assert cases["case_id"].tolist() == ["01", "02"]
    assert cases["country"].tolist() == ["NO", "SE"]
    assert cases["relapse"].tolist() == ["no", None]


def test_parquet_reads_as_csv_does(extract, tmp_path):
    cases = read_extract(extract, MAPPING)
    path = tmp_path / "cases.parquet"
    cases.to_parquet(path, index=False)
    pd.testing.assert_frame_equal(read_extract(path), cases)


def test_a_parquet_file_that_was_not_validated_here_is_validated(extract, tmp_path):
    cases = read_extract(extract, MAPPING).assign(behaviour=9)
    path = tmp_path / "cases.parquet"
    cases.to_parquet(path, index=False)
    with pytest.raises(InputError, match="behaviour"):
        read_extract(path)


@pytest.mark.parametrize(
    ("columns", "fault"),
    [
        ({"case_id": "ID"}, "names the column 'ID', which the extract does not have"),
        (
            {"sex": {"column": "Kjønn", "codes": {1: "male"}}},
            r"sex: has a code that the mapping does not translate; 2 rows \(2, 3\)",
        ),
        (
            {"birth_date": {"column": "Født", "format": "%Y-%m-%d"}},
            r"birth_date: must be a date of the form %Y-%m-%d; 3 rows",
        ),
        ({"morfologi": "ICDO_M"}, "makes 'morfologi', which is not a column of cases"),
        (
            {"age_at_diagnosis": {"column": "Pasient", "unit": "months"}},
            "must be a number of months; 3 rows",
        ),
    ],
)
def test_faults_of_the_mapping(extract, columns, fault):
    with pytest.raises(InputError, match=fault):
        read_extract(extract, changed(**columns))


def test_faults_of_mapping_and_rows_come_together(extract):
    with pytest.raises(InputError) as caught:
        read_extract(
            extract,
            changed(case_id="ID", behaviour={"constant": 8}, sex={"column": "Kjønn", "codes": {}}),
        )
    assert len(caught.value.faults) == 3
    assert "p1" not in str(caught.value)


@pytest.mark.parametrize(
    ("mapping", "fault"),
    [
        ({"colums": {}}, "colums: is not a key of a mapping"),
        (
            {"columns": {"sex": {"column": "Kjønn", "constant": "male"}}},
            "give either column or constant",
        ),
        ({"columns": {"sex": {"colum": "Kjønn"}}}, "is not a key of a mapping"),
        (
            {"columns": {"birth_date": {"column": "Født", "format": "mixed"}}},
            "must say the date's form",
        ),
        (
            {"columns": {"sex": "Kjønn"}, "file": {"table": "a", "query": "select 1"}},
            "give either table or query",
        ),
        ({"columns": {}}, "columns"),
    ],
)
def test_a_mapping_with_faults_is_refused(extract, mapping, fault):
    with pytest.raises(InputError, match=fault):
        read_extract(extract, mapping)


@pytest.mark.parametrize(
    "content", ["- a\n- b\n", "columns: [", "!!python/object/apply:os.system ['true']", ""]
)
def test_a_mapping_that_is_no_mapping(extract, tmp_path, content):
    path = tmp_path / "mapping.yml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match="mapping"):
        read_extract(extract, path)


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("empty.csv", b"", "is an empty file"),
        ("header.csv", b"case_id,person_id\n", "has a header and no rows"),
        ("binary.csv", bytes(range(256)) * 20, "not"),
        ("nul.csv", b"case_id,x\n1,\0\n", "binary file"),
        (
            "ragged.csv",
            b"case_id,x\n1,2\n1,2,3\n9\n",
            r"every row must have 2 fields; 2 rows \(2, 3\) do not",
        ),
        (
            "baltic.csv",
            "case_id,vieta\n1,Kėdainių\n".encode("cp1257"),
            "its encoding cannot be told",
        ),
        ("dos.csv", "case_id,sted\n1,Tromsø\n".encode("cp865"), "its encoding cannot be told"),
        ("open.csv", b'case_id,x\n1,"2\n3,4\n', "a quotation mark that is not closed"),
        ("twice.csv", b"case_id,case_id\n1,2\n", "1 column name on more than one column"),
        ("cases.parquet", b"PAR1 no", "is not a Parquet file"),
        (
            "cases.docx",
            b"PK",
            "must be a .csv, .txt, .tsv, .xlsx, .parquet, .dta, .sas7bdat, .duckdb file, is .docx",
        ),
    ],
)
def test_files_that_are_no_extract(tmp_path, name, content, fault):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError, match=fault):
        read_extract(path)


def test_no_file(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_extract(tmp_path / "absent.csv")


def test_a_mapping_cannot_hide_a_missing_column(extract):
    with pytest.raises(InputError, match="topography: is required and absent"):
        read_extract(extract, {"columns": {"case_id": "Løpenr"}, "file": {"encoding": "latin-1"}})


def test_totals_are_left_out_by_rule_and_rows_keep_their_numbers(tmp_path):
    path = tmp_path / "counts.csv"
    path.write_text(
        "land,aar,kjonn,alder,sted,n,py\nNO,2010,1,0-4,All,9,1000\nNO,2010,1,0-4,Bone,4,1000\nNO,2010,1,0-4,Eye,x,1000\n"
    )
    columns = {
        "country": "land",
        "year": "aar",
        "sex": {"column": "kjonn", "codes": {1: "male"}},
        "age_group": "alder",
    }
    columns |= {"site": "sted", "cases": "n", "person_years": "py"}
    rule = {
        "columns": columns,
        "leave_out": [{"column": "sted", "codes": ["All"], "reason": "total of the others"}],
    }
    with pytest.raises(InputError, match=r"cases: must be a whole number; is not in 1 row \(3\)"):
        read_counts(path, rule)
    path.write_text(path.read_text().replace("x", "5"))
    assert read_counts(path, rule)["cases"].tolist() == [4, 5]


def test_decimal_comma(tmp_path):
    path = tmp_path / "population.csv"
    path.write_text("country;year;sex;age;persons\nNO;2010;male;3;31000,5\n")
    mapping = {
        "columns": {name: name for name in ("country", "year", "sex", "age", "persons")},
        "file": {"decimal": ","},
    }
    assert read_population(path, mapping)["persons"].tolist() == [31000.5]


def test_the_demonstration_is_one_word():
    cases = read_extract("demo")
    assert cases["case_id"].str.startswith("demo-").all()
    assert len(validate_cases(cases.head(100))) == 100
    with pytest.raises(InputError, match="has no counts"):
        read_counts("demo")


def months(tmp_path, rows):
    (tmp_path / "months.csv").write_text(
        "id,fodt,diag,sist\n" + "\n".join(f"{n},{row}" for n, row in enumerate(rows))
    )
    same = {
        "case_id": "id",
        "person_id": "id",
        "country": {"constant": "NO"},
        "topography": {"constant": "C71.6"},
    }
    dates = {
        "birth_date": {"column": "fodt", "format": "%Y-%m-%d"},
        "diagnosis_date": {"column": "diag", "format": "%Y-%m"},
        "last_contact_date": {"column": "sist", "format": "%Y-%m-%d"},
    }
    codes = {"morphology": {"constant": "9470"}, "behaviour": {"constant": "3"}}
    return read_extract(tmp_path / "months.csv", {"columns": same | dates | codes})


def test_a_date_known_to_the_month_stands_in_its_middle_and_in_order(tmp_path):
    cases = months(
        tmp_path,
        ["2010-05-20,2010-05,2015-01-01", "2010-05-20,2012-03,2012-03-04", "2010-05-20,2012-03,"],
    )
    assert cases["diagnosis_date"].dt.strftime("%Y-%m-%d").tolist() == [
        "2010-05-20",
        "2012-03-04",
        "2012-03-15",
    ]


def test_a_month_before_birth_is_still_a_fault(tmp_path):
    with pytest.raises(InputError, match="diagnosis_date must not be before birth_date"):
        months(tmp_path, ["2010-05-20,2010-04,2015-01-01"])
