"""The kinds of file that a registry sends: each gives the cohort that CSV gives, or one message says why not."""

import random
from datetime import date, datetime
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from analysis.errors import InputError
from analysis.register import prepare_sources, read_extract, read_population, survey_table

duckdb = pytest.importorskip("duckdb")
HERE = Path(__file__).parent
TUMOURS = pd.DataFrame(
    {
        "tumour": ["t1", "t2", "t3"],
        "child": ["c1", "c2", "c2"],
        "country": ["NO", "NO", "NO"],
        "sex": [1, 2, np.nan],
        "born": pd.to_datetime(["2001-12-24", "2005-01-01", "2005-01-01"]),
        "site": ["C716", "C421", "C649"],
        "morphology": [9470, 9811, 8960],
        "region": ["Sør-Øst", "Midt-Norge", ""],
        "behaviour": [3, 3, 3],
    }
)
COLUMNS = {
    "case_id": "tumour",
    "person_id": "child",
    "country": "country",
    "sex": {"column": "sex", "codes": {1: "male", 2: "female"}},
    "birth_date": "born",
    "topography": "site",
    "morphology": "morphology",
    "region": "region",
    "behaviour": "behaviour",
}


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    path = tmp_path_factory.mktemp("csv") / "tumours.csv"
    TUMOURS.astype({"sex": "Int64"}).to_csv(path, index=False)
    return read_extract(path, {"columns": COLUMNS})


def write_csv(path, **options):
    TUMOURS.astype({"sex": "Int64"}).to_csv(path, index=False, **options)


def write_excel(path):
    TUMOURS.to_excel(path, index=False)


def write_parquet(path):
    TUMOURS.astype({"region": "category", "sex": "Int8"}).to_parquet(path, row_group_size=2)


def write_stata(path):
    labels = {"sex": {1.0: "Boy", 2.0: "Girl"}}
    TUMOURS.to_stata(
        path, write_index=False, version=118, value_labels=labels, convert_dates={"born": "td"}
    )


def write_sas(path):
    path.write_bytes((HERE / "small.sas7bdat").read_bytes())


def write_duckdb(path):
    with duckdb.connect(str(path)) as connection:
        connection.register("given", TUMOURS)
        connection.execute('create table "barn og unge" as select * from given')
        connection.execute("create table other as select 1 as x")


@pytest.mark.parametrize(
    ("name", "write", "file"),
    [
        ("bom.csv", lambda path: write_csv(path, encoding="utf-8-sig"), {}),
        ("latin.csv", lambda path: write_csv(path, encoding="latin-1", sep=";"), {}),
        ("windows.txt", lambda path: write_csv(path, encoding="cp1252", sep="\t"), {}),
        (
            "wide.csv",
            lambda path: write_csv(path, encoding="utf-16", sep=";"),
            {"encoding": "utf-16"},
        ),
        ("lines.csv", lambda path: write_csv(path, lineterminator="\r\n", sep="|"), {}),
        ("tumours.xlsx", write_excel, {}),
        ("tumours.parquet", write_parquet, {}),
        ("tumours.dta", write_stata, {}),
        ("tumours.sas7bdat", write_sas, {}),
        ("tumours.duckdb", write_duckdb, {"table": "barn og unge"}),
        ("query.duckdb", write_duckdb, {"query": 'select * from "barn og unge" order by tumour;'}),
    ],
)
def test_every_kind_of_file_gives_the_same_cohort(tmp_path, expected, name, write, file):
    write(tmp_path / name)
    cases = read_extract(tmp_path / name, {"columns": COLUMNS, "file": file})
    pd.testing.assert_frame_equal(cases, expected)
    assert cases["morphology"].tolist() == ["9470", "9811", "8960"]
    assert cases["birth_date"].dt.year.tolist() == [2001, 2005, 2005]


def test_the_encoding_is_told_only_where_nothing_else_can_be_meant(tmp_path):
    header = (
        "case_id,person_id,country,topography,morphology,behaviour,region\n1,1,NO,C71.6,9470,3,"
    )
    for region, encoding in [
        ("Ås – «Øst»", "cp1252"),
        ("Põltsamaa", "latin-1"),
        ("Ísafjörður", "latin-1"),
    ]:
        (tmp_path / "cases.csv").write_bytes(f"{header}{region}\n".encode(encoding))
        assert read_extract(tmp_path / "cases.csv")["region"].tolist() == [region]
    for region, encoding in [
        ("Žemaitija", "cp1257"),
        ("Ķegums", "cp1257"),
        ("Møre", "cp865"),
        ("Łódź", "cp1250"),
    ]:
        (tmp_path / "cases.csv").write_bytes(f"{header}{region}\n".encode(encoding))
        with pytest.raises(InputError, match="its encoding cannot be told"):
            read_extract(tmp_path / "cases.csv")


@pytest.fixture
def workbook(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Svulster"
    sheet.append([None, None])
    sheet.append(["id ", "land", "t", "m", "b", "dato"])
    sheet.append([1, "NO", "C716", 9470, 3, date(2010, 2, 3)])
    sheet.append([])
    sheet.append([2, "NO", "C716", 9470.0, 3.0, datetime(2011, 2, 3, 0, 0)])
    sheet.append([3, "NO", "C716", "9470", 7, None])
    book.create_sheet("Koder").append(["kode"])
    path = tmp_path / "bok.xlsx"
    book.save(path)
    return path


SHEET = {
    "case_id": "id",
    "person_id": "id",
    "country": "land",
    "topography": "t",
    "morphology": "m",
    "behaviour": "b",
}


def test_a_sheet_is_named_and_empty_rows_are_counted_but_are_none(workbook):
    columns = SHEET | {"diagnosis_date": "dato"}
    with pytest.raises(
        InputError, match="must say which sheet is read; its sheets are Svulster, Koder"
    ):
        read_extract(workbook, {"columns": columns})
    with pytest.raises(InputError, match="says a sheet that it does not have"):
        read_extract(workbook, {"columns": columns, "file": {"sheet": "Ark1"}})
    with pytest.raises(
        InputError, match=r"behaviour: must be one of 0, 1, 2, 3; does not hold in 1 row \(4\)"
    ):
        read_extract(workbook, {"columns": columns, "file": {"sheet": "Svulster"}})
    codes = {"behaviour": {"column": "b", "codes": {3: 3, 7: 3}}}
    cases = read_extract(workbook, {"columns": columns | codes, "file": {"sheet": "Svulster"}})
    assert cases["case_id"].tolist() == ["1", "2", "3"]
    assert cases["morphology"].tolist() == ["9470"] * 3
    assert cases["diagnosis_date"].tolist()[:2] == [
        pd.Timestamp("2010-02-03"),
        pd.Timestamp("2011-02-03"),
    ]


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("delete from other", "must be one SELECT"),
        ("select 1; select 2", "must be one SELECT"),
        ("copy (select 1) to '{path}.out'", "must be one SELECT"),
        ("select * from read_csv('{path}.csv')", "the query fails"),
        ("attach '{path}.other' as other", "must be one SELECT"),
        ("set enable_external_access = true", "must be one SELECT"),
        ("select cast('Kari' as integer)", "the query fails"),
        ("selec", "the query fails"),
    ],
)
def test_a_query_of_a_duckdb_file_can_neither_write_nor_leave_it(tmp_path, query, fault):
    path = tmp_path / "tumours.duckdb"
    write_duckdb(path)
    (tmp_path / "tumours.duckdb.csv").write_text("a\n1\n")
    before, files = path.read_bytes(), set(tmp_path.iterdir())
    with pytest.raises(InputError, match=fault) as caught:
        read_extract({"file": path, "query": query.format(path=path)})
    assert "Kari" not in str(caught.value)
    assert (path.read_bytes(), set(tmp_path.iterdir())) == (before, files)


def test_a_duckdb_file_of_several_tables_must_say_which(tmp_path):
    write_duckdb(tmp_path / "tumours.duckdb")
    with pytest.raises(
        InputError, match="must be named, as table or query; its tables are barn og unge, other"
    ):
        read_extract(tmp_path / "tumours.duckdb")
    with pytest.raises(InputError, match="is not in the file"):
        read_extract({"file": tmp_path / "tumours.duckdb", "table": "cases"})


@pytest.mark.parametrize("suffix", [".xlsx", ".parquet", ".dta", ".sas7bdat", ".duckdb"])
@pytest.mark.parametrize(
    "content", [b"no such thing", b"PK\x03\x04", b"\0" * 5000, b"PAR1" + b"\xff" * 100 + b"PAR1"]
)
def test_damaged_files_are_said_to_be(tmp_path, suffix, content):
    path = tmp_path / f"cases{suffix}"
    path.write_bytes(content)
    with pytest.raises(InputError, match="is not a"):
        read_extract(path)


@pytest.mark.parametrize(
    ("suffix", "write"),
    [
        (".xlsx", write_excel),
        (".parquet", write_parquet),
        (".dta", write_stata),
        (".sas7bdat", write_sas),
    ],
)
def test_files_cut_short_are_refused(tmp_path, suffix, write):
    path = tmp_path / f"cases{suffix}"
    write(path)
    whole = path.read_bytes()
    for share in (0.1, 0.5, 0.9):
        path.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(InputError):
            read_extract(path, {"columns": COLUMNS})


@pytest.mark.parametrize(
    ("suffix", "write"),
    [
        (".xlsx", write_excel),
        (".parquet", write_parquet),
        (".dta", write_stata),
        (".sas7bdat", write_sas),
    ],
)
def test_files_with_bytes_changed_give_all_rows_or_one_message(tmp_path, suffix, write):
    path, chance = tmp_path / f"cases{suffix}", random.Random(1)
    write(path)
    whole = path.read_bytes()
    for _ in range(60):
        changed = bytearray(whole)
        for _ in range(chance.randint(1, 6)):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        path.write_bytes(changed)
        try:
            assert len(read_extract(path, {"columns": COLUMNS})) == len(TUMOURS)
        except InputError as failure:
            assert failure.faults


def test_decimal_commas_of_a_population(tmp_path):
    path = tmp_path / "population.csv"
    path.write_text("country;year;sex;age;persons\nNO;2010;male;3;31000,5\nNO;2010;female;3;,5\n")
    columns = {name: name for name in ("country", "year", "sex", "age", "persons")}
    assert read_population(path, {"columns": columns, "file": {"decimal": ","}})[
        "persons"
    ].tolist() == [31000.5, 0.5]
    with pytest.raises(InputError, match=r"persons: must be a number; is not in 2 rows \(1, 2\)"):
        read_population(path)


@pytest.fixture
def many(tmp_path):
    """More rows than one piece has, with faults in several pieces, and a tumour that is in two of them."""
    rows = 120_000
    sites = np.array(["C71.6"] * rows, dtype=object)
    sites[[5, 110_000]] = "X"
    names = np.arange(rows)
    names[119_999] = 7
    frame = pd.DataFrame(
        {"case_id": names, "person_id": names, "country": "NO", "topography": sites}
    )
    frame = frame.assign(morphology="9470", behaviour=3, region="Sør-Øst" * 20)
    frame.loc[[3, 119_998], "country"] = "Norway"
    return frame


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_faults_of_a_large_extract_have_the_rows_of_the_whole_file(tmp_path, many, suffix):
    path = tmp_path / f"cases{suffix}"
    many.to_csv(path, index=False) if suffix == ".csv" else many.to_parquet(
        path, row_group_size=50_000
    )
    told = {
        "case_id: must be on one row only; does not hold in 2 rows (8, 120000)",
        "country: must be two capital letters (ISO 3166); does not hold in 2 rows (4, 119999)",
        "topography: must be an ICD-O-3 site, C00.0–C80.9; does not hold in 2 rows (6, 110001)",
    }
    for read in (read_extract, lambda path: survey_table(path, "cases")):
        with pytest.raises(InputError) as caught:
            read(path)
        assert set(caught.value.faults) == told
    with pytest.raises(InputError) as caught:
        prepare_sources({"cases": {"file": path}}, tmp_path / "cohort")
    assert {fault.removeprefix(f"cases {path.name}: ") for fault in caught.value.faults} == told
    assert not (tmp_path / "cohort").exists()
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_a_row_that_is_not_whole_is_named_wherever_it_is(tmp_path, many):
    path = tmp_path / "cases.csv"
    many.to_csv(path, index=False)
    with path.open("a") as lines:
        lines.write("9,9,NO\n")
    with pytest.raises(InputError, match=r"every row must have 7 fields; 1 row \(120001\)"):
        read_extract(path)


def test_a_large_extract_is_prepared_as_a_small_one_is(tmp_path, many):
    sound = many.assign(case_id=np.arange(len(many)), topography="C71.6", country="NO")
    sound.to_csv(tmp_path / "cases.csv", index=False)
    survey = survey_table(tmp_path / "cases.csv", "cases")
    assert (survey.rows, survey.filled["region"], survey.levels["country"]) == (
        120_000,
        120_000,
        {"NO"},
    )
    cases = read_extract(tmp_path / "cases.csv")
    assert cases["case_id"].iloc[[0, -1]].tolist() == ["0", "119999"]
    assert cases.index.tolist()[-1] == 119_999
