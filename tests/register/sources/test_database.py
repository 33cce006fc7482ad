"""A registry's PostgreSQL: a real server of the machine's own package, started for these tests on loopback."""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import pandas as pd
import pytest
import yaml

from analysis.commands.app import main
from analysis.counts import event_table
from analysis.errors import InputError
from analysis.register import count_in_database, prepare_sources, read_extract
from analysis.report import read_edition

ROOT = Path(__file__).resolve().parents[3]
PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
PASSWORD = "not-a-secret-but-looked-for"
USER = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
QUERY = "select * from cohort order by case_id"


def run(program, *arguments):
    ended = subprocess.run(
        [PROGRAMS[-1].with_name(program), *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        **USER,
    )
    if ended.returncode:
        pytest.skip(f"{program} does not run here: {(ended.stderr or ended.stdout).strip()[-200:]}")


def free_port():
    with contextlib.closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture(scope="module")
def server():
    """The address of an empty database."""
    if not PROGRAMS:
        pytest.skip("PostgreSQL is not installed here (Debian: postgresql)")
    pytest.importorskip("psycopg", reason="the driver is not installed (extra postgres)")
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    try:
        word, port = folder / "word", free_port()
        word.write_text(PASSWORD)
        if USER:
            shutil.chown(folder, "postgres", "postgres")
            shutil.chown(word, "postgres", "postgres")
        run(
            "initdb",
            "-D",
            folder / "db",
            "-U",
            "reader",
            "-A",
            "scram-sha-256",
            f"--pwfile={word}",
            "-E",
            "UTF8",
        )
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        run("pg_ctl", "-D", folder / "db", "-w", "-l", folder / "log", "-o", options, "start")
        yield f"postgresql://reader@127.0.0.1:{port}/postgres"
        subprocess.run([PROGRAMS[-1].with_name("pg_ctl"), "-D", folder / "db", "-m", "immediate", "stop"], check=False,
                       capture_output=True, cwd="/", **USER)  # fmt: skip
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def password(monkeypatch):
    monkeypatch.setenv("PGPASSWORD", PASSWORD)


@pytest.fixture(scope="module")
def address(server):
    """The same database with the demonstration's Norwegian children in it."""
    psycopg = pytest.importorskip("psycopg")
    cases = read_extract("demo").query("country == 'NO'")
    place = urlsplit(server)
    columns = ", ".join(
        f"{name} {'date' if column.dtype.kind == 'M' else 'integer' if column.dtype.kind == 'i' else 'text'}"
        for name, column in cases.items()
    )
    with psycopg.connect(
        host=place.hostname, port=place.port, user="reader", password=PASSWORD, dbname="postgres"
    ) as connection:
        connection.execute(f"create table cohort ({columns})")
        connection.execute("create sequence serial")
        with connection.cursor().copy(
            "copy cohort from stdin with (format csv, null '')"
        ) as copying:
            copying.write(cases.to_csv(index=False, header=False))
    return server


def read(address, query, mapping=None):
    return read_extract({"database": address, "query": query, "mapping": mapping})


def test_a_query_reads_as_the_file_does(address):
    expected = (
        read_extract("demo").query("country == 'NO'").sort_values("case_id").reset_index(drop=True)
    )
    cases = read(address, 'select * from cohort order by case_id collate "C"')
    pd.testing.assert_frame_equal(
        cases, expected[cases.columns].dropna(axis=1, how="all"), check_dtype=False
    )


def test_follow_up_is_counted_in_the_database(address):
    query = """select sex, last_contact_date - diagnosis_date as follow_up_days, (vital_status = 'dead')::int as event
        from cohort where last_contact_date >= diagnosis_date and vital_status in ('alive', 'dead');"""
    counted = count_in_database(address, query, ["sex", "follow_up_days", "event"])
    cases = read_extract("demo").query("country == 'NO' and vital_status in ('alive', 'dead')")
    cases = cases[cases["last_contact_date"] >= cases["diagnosis_date"]]
    days = (cases["last_contact_date"] - cases["diagnosis_date"]).dt.days
    whole = event_table(
        cases.assign(follow_up_days=days, event=(cases["vital_status"] == "dead").astype(int)),
        ["sex"],
    )
    assert 0 < len(counted) <= len(cases) == counted["cases"].sum()
    pd.testing.assert_frame_equal(event_table(counted, ["sex"]), whole)
    assert count_in_database(
        address, f"select * from ({query[:-1]}) as none where false", ["sex"]
    ).empty
    with pytest.raises(InputError, match="the query fails"):
        count_in_database(address, query, ['sex" from cohort; delete from cohort; --'])


def test_a_mapping_translates_what_a_query_gives(address):
    query = "select case_id as id, 1 as sex, 9470::bigint as m, 3 as b, 'C716' as t from cohort where sex like 'm%'"
    columns = {
        "case_id": "id",
        "person_id": "id",
        "country": {"constant": "NO"},
        "topography": "t",
        "morphology": "m",
    }
    cases = read(
        address,
        query,
        {"columns": columns | {"behaviour": "b", "sex": {"column": "sex", "codes": {1: "male"}}}},
    )
    assert set(cases["morphology"]) == {"9470"}
    assert set(cases["sex"]) == {"male"}


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("delete from cohort", "must be one SELECT"),
        ("select 1; delete from cohort", "must be one SELECT"),
        ("select 1; commit; begin read write; delete from cohort; commit", "must be one SELECT"),
        ("with gone as (delete from cohort returning *) select * from gone", "the query"),
        ("select * from cohort for update", "would write|only reads"),
        ("select nextval('serial')", "would write"),
        ("select lo_create(0)", "is required and absent"),
        (
            "select set_config('transaction_read_only', 'off', false), nextval('serial')",
            "the query",
        ),
        ("copy cohort to program 'touch /tmp/never'", "must be one SELECT"),
        ("select cast('Kari Nordmann' as integer)", "the query fails"),
        ("select * from no_such_table_of_ours", "the query fails"),
        ("select case_id, case_id from cohort", "two columns one name"),
        ("select * from cohort where false", "no rows"),
    ],
)
def test_a_query_cannot_write_and_a_failing_one_is_not_quoted(address, query, fault):
    with pytest.raises(InputError, match=fault) as caught:
        read(address, query)
    said = str(caught.value)
    assert not any(
        word in said for word in ("Nordmann", "no_such_table", "127.0.0.1", "reader", PASSWORD)
    )
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    left = (
        "select (select count(*) from pg_largeobject_metadata)"
        " + case when is_called then 1 else 0 end as left_behind"
    )
    with pytest.raises(InputError, match="has no rows|no rows"):
        read(address, f"select * from ({left} from serial) as traces where left_behind > 0")
    assert len(read(address, QUERY)) > 1000


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        (
            lambda address: address.replace("reader@", f"reader:{PASSWORD}@"),
            "must not have a password",
        ),
        (lambda address: f"{address}?password={PASSWORD}", "must not have a password"),
        (
            lambda address: f"{address}?options=-c%20default_transaction_read_only%3Doff",
            "may have no option but",
        ),
        (
            lambda address: address.replace("/postgres", "/absent"),
            "the query fails|cannot be reached",
        ),
    ],
)
def test_addresses_that_are_refused(address, changed, fault):
    with pytest.raises(InputError, match=fault) as caught:
        read(changed(address), QUERY)
    assert PASSWORD not in str(caught.value)


def test_the_password_may_lie_in_a_pgpass_file(address, tmp_path, monkeypatch):
    monkeypatch.delenv("PGPASSWORD")
    monkeypatch.setenv("PGPASSFILE", str(tmp_path / "pgpass"))
    with pytest.raises(InputError, match="PGPASSWORD or .pgpass"):
        read(address, QUERY)
    (tmp_path / "pgpass").write_text(f"127.0.0.1:*:*:reader:{PASSWORD}\n")
    (tmp_path / "pgpass").chmod(0o600)
    assert len(read(address, QUERY)) > 1000


def test_what_is_recorded_of_a_database_is_its_name_and_a_hash(address, tmp_path):
    intake = prepare_sources({"cases": {"database": address, "query": QUERY}}, tmp_path / "cohort")
    record = intake.inputs[0]
    assert record["name"] == "database postgres"
    assert set(record) == {"name", "sha256", "bytes", "rows", "query_sha256"}
    assert intake.invented == {"cases"}


@pytest.fixture
def write_edition(tmp_path):
    def write(source):
        edition = {
            "title": {"en": "A test"}, "languages": ["en"], "country": "NO", "countries": ["NO"],
            "sources": {"cases": source, "population": "demo"}, "notebooks": str(ROOT / "notebooks"),
            "diagnosis_years": {"first": 2000, "last": 2023}, "closing_date": "2023-12-31",
            "chapters": ["03_incidence"],
        }  # fmt: skip
        path = tmp_path / "params" / "registry.yml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(yaml.safe_dump(edition), encoding="utf-8")
        return path

    return write


def test_an_edition_is_built_from_a_database_and_nothing_of_the_server_is_in_it(
    address, write_edition, tmp_path, capfd
):
    assert main(["build", str(write_edition({"database": address, "query": QUERY}))]) == 0
    printed = capfd.readouterr()
    folder = tmp_path / "outputs" / "registry"
    assert (folder / "public" / "index.html").is_file()
    told = [path.read_bytes() for path in folder.rglob("*") if path.is_file()] + [
        printed.out.encode(),
        printed.err.encode(),
    ]
    for word in (PASSWORD, urlsplit(address).netloc, "postgresql://", QUERY):
        assert not any(word.encode() in content for content in told)


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        (
            {"database": "postgresql://reader:word@host/name", "query": QUERY},
            "must not hold a password",
        ),
        (
            {"database": "postgresql://reader@host/name?password=word", "query": QUERY},
            "must not hold a password",
        ),
        ({"database": "mysql://host/name", "query": QUERY}, "must be an address such as"),
        ({"database": "postgresql://host/name"}, "must have a query"),
        (
            {"database": "postgresql://host/name", "file": "demo", "query": QUERY},
            "either file or database",
        ),
        ({"file": "demo", "query": QUERY}, "only beside a database or a .duckdb file"),
        ({}, "either file or database"),
    ],
)
def test_sources_of_an_edition_that_are_refused(write_edition, source, fault):
    with pytest.raises(InputError, match=fault) as caught:
        read_edition(write_edition(source))
    assert "word@" not in str(caught.value)


def test_a_single_name_is_no_list_of_columns():
    pytest.importorskip("psycopg", reason="the driver is not installed (extra postgres)")
    with pytest.raises(
        InputError, match=r'columns: must be a list of columns; write columns=\["sex"\]'
    ):
        count_in_database("postgresql://reader@localhost/registry", "select 1", "sex")
