"""A proposed mapping: right for what it knows, honest about what it does not, silent on what children's rows say."""

import pandas as pd
import pytest
import yaml

from analysis.errors import InputError
from analysis.register import (
    demonstration_cases,
    describe_effects,
    mapping_effects,
    propose_mapping,
    read_extract,
    read_life_table,
    read_population,
)

NORWEGIAN = {
    "case_id": "Kreftmelding_ID", "person_id": "PasientLøpenr", "country": "Land", "region": "Helseregion",
    "hospital": "Sykehus", "sex": "Kjønn", "birth_date": "Fødselsdato", "diagnosis_date": "Diagnosedato",
    "last_contact_date": "Statusdato", "vital_status": "Vitalstatus", "topography": "ICDO3_Topografi",
    "morphology": "ICDO3_Morfologi", "behaviour": "Atferd", "basis_of_diagnosis": "Diagnosegrunnlag",
    "stage": "Stadium", "laterality": "Side", "surgery": "Kirurgi", "chemotherapy": "Cellegift",
    "radiotherapy": "Strålebehandling", "relapse": "Tilbakefall", "relapse_date": "Tilbakefallsdato",
}  # fmt: skip
SWEDISH = {
    "case_id": "tumörid", "person_id": "patient_id", "country": "landkod", "region": "sjukvårdsregion",
    "hospital": "sjukhus", "sex": "kön", "birth_date": "födelsedatum", "diagnosis_date": "diagnosdatum",
    "last_contact_date": "statusdatum", "vital_status": "vitalstatus", "topography": "topografi",
    "morphology": "morfologi", "behaviour": "malignitet", "basis_of_diagnosis": "diagnosgrund",
    "stage": "stadium", "laterality": "lateralitet", "surgery": "kirurgi", "chemotherapy": "cytostatika",
    "radiotherapy": "strålbehandling", "relapse": "återfall", "relapse_date": "återfallsdatum",
}  # fmt: skip
DATES = ("birth_date", "diagnosis_date", "last_contact_date", "relapse_date")
ANSWERS = ("surgery", "chemotherapy", "radiotherapy", "relapse")
SECRET = "mor heter Kari"


@pytest.fixture(scope="module")
def children():
    cases = demonstration_cases().groupby("country").head(60).reset_index(drop=True)
    names = {column: cases[column].str.removeprefix("demo-") for column in ("case_id", "person_id")}
    return cases.assign(**names)


@pytest.fixture
def written(tmp_path):
    def write(text, name="extract.csv", encoding="utf-8"):
        (tmp_path / name).write_text(text, encoding=encoding)
        return tmp_path / name

    return write


def in_words_of(cases, names, date_form, sex, answers):
    """The cohort as another registry would send it."""
    told = cases[list(names)].copy()
    for column in DATES:
        told[column] = told[column].dt.strftime(date_form)
    for column in ANSWERS:
        told[column] = told[column].map(dict(zip(("yes", "no", "unknown"), answers, strict=True)))
    told["sex"] = told["sex"].map(sex)
    told["vital_status"] = told["vital_status"].map(
        {"alive": 1, "dead": 2, "lost": 3, "unknown": 9}
    )
    return told.rename(columns=names).assign(Merknad=SECRET)


def columns_of(text):
    return yaml.safe_load(text)["columns"]


@pytest.mark.parametrize(
    ("names", "habits", "file_format"),
    [
        (
            NORWEGIAN,
            ("%d.%m.%Y", {"male": 1, "female": 2}, ("Ja", "Nei", "Ukjent")),
            {"sep": ";", "encoding": "latin-1"},
        ),
        (
            NORWEGIAN,
            ("%Y-%m-%d", {"male": "Gutt", "female": "Jente"}, ("J", "N", "U")),
            {"sep": "\t"},
        ),
        (SWEDISH, ("%Y%m%d", {"male": "M", "female": "K"}, ("ja", "nej", "okänd")), {"sep": ";"}),
        (SWEDISH, ("%d/%m/%Y", {"male": "pojke", "female": "flicka"}, (1, 0, 9)), {"sep": ","}),
        (
            {name: name for name in NORWEGIAN},
            ("%d-%m-%Y", {"male": "m", "female": "f"}, ("yes", "no", "unknown")),
            {},
        ),
    ],
)
def test_an_extract_is_read_with_the_mapping_proposed(
    children, tmp_path, names, habits, file_format
):
    path, mapping = tmp_path / "extract.csv", tmp_path / "extract.yml"
    in_words_of(children, names, *habits).to_csv(path, index=False, **file_format)
    mapping.write_text(propose_mapping(path), encoding="utf-8")
    cases = read_extract(path, mapping)
    expected = children[list(names)]
    for column in names:
        pd.testing.assert_series_equal(
            cases[column].astype(object).where(cases[column].notna(), None),
            expected[column].astype(object).where(expected[column].notna(), None),
            check_dtype=False,
        )


def test_other_values_are_never_written(children, written):
    extract = in_words_of(
        children, NORWEGIAN, "%d.%m.%Y", {"male": 1, "female": 2}, ("Ja", "Nei", "Ukjent")
    )
    text = propose_mapping(written(extract.to_csv(index=False)))
    assert "#   Merknad" in text and SECRET not in text
    for column in ("PasientLøpenr", "Fødselsdato", "Sykehus", "Stadium"):
        assert not set(extract[column].dropna().astype(str)) & set(text.split())


def test_what_is_only_likely_says_so(written):
    text = propose_mapping(
        written("tumor_id,pasient_lopenr_2,x,morfologi_kode\n1,a,C71.6,9470\n2,b,C42.1,9811\n")
    )
    lines = text.splitlines()
    assert lines[lines.index("  case_id: {column: tumor_id}") - 1].startswith("  # sure")
    assert (
        lines[lines.index("  morphology: {column: morfologi_kode}") - 1]
        .strip()
        .startswith("# sure")
    )
    assert lines[lines.index("  topography: {column: x}") - 1].startswith(
        "  # perhaps: by its values"
    )


def test_what_is_required_and_not_found_is_left_to_fill_in(written):
    path = written("lopenr,pasient,topografi,morfologi\n1,a,C716,9470\n2,b,C421,9811\n")
    text = propose_mapping(path)
    assert '  # country: {constant: "NO"}' in text and "  # behaviour: {constant: 3}" in text
    filled = text.replace("  # country:", "  country:").replace("  # behaviour:", "  behaviour:")
    cases = read_extract(path, yaml.load(filled, Loader=yaml.BaseLoader))
    assert set(cases["country"]) == {"NO"} and set(cases["behaviour"]) == {3}


def test_codes_that_are_not_known_are_asked_for(written):
    text = propose_mapping(written("lopnr,vitalstatus,topografi\n1,0,C716\n2,1,C421\n"))
    assert "vital_status" not in columns_of(text)
    assert "#   vitalstatus  (called like vital_status; say what its codes mean: 0, 1)" in text
    text = propose_mapping(
        written("lopnr,vitalstatus,topografi\n1,hjemme i Bodø,C716\n2,hos mor,C421\n")
    )
    assert (
        "#   vitalstatus  (called like vital_status; its values do not fit)" in text
        and "Bodø" not in text
    )


@pytest.mark.parametrize(
    ("codes", "place"), [(("9470/3", "9811/3"), "6-6"), ((94703, 98113), "5-5")]
)
def test_a_morphology_with_its_behaviour_is_taken_apart(written, codes, place):
    path = written(
        f"lopnr,pat,land,topo,morfologi\n1,a,NO,C716,{codes[0]}\n2,b,SE,C421,{codes[1]}\n"
    )
    columns = columns_of(propose_mapping(path))
    assert (
        columns["morphology"]["characters"] == "1-4" and columns["behaviour"]["characters"] == place
    )
    cases = read_extract(path, {"columns": columns})
    assert cases["morphology"].tolist() == ["9470", "9811"] and cases["behaviour"].tolist() == [
        3,
        3,
    ]


def test_where_no_child_has_two_tumours_the_pseudonym_numbers_them(written):
    text = propose_mapping(written("pasient,topografi\na,C716\nb,C421\n"))
    assert columns_of(text)["case_id"] == {"column": "pasient"}
    assert "case_id" not in columns_of(
        propose_mapping(written("pasient,topografi\na,C716\na,C421\n"))
    )


def test_ages_in_months_and_dates_that_could_be_read_two_ways(written):
    text = propose_mapping(
        written("lopnr,alder_mnd,diagnosedato\n1,97,03/02/2010\n2,180,06/05/2011\n")
    )
    assert columns_of(text)["age_at_diagnosis"] == {"column": "alder_mnd", "unit": "months"}
    assert "%m/%d/%Y would fit too" in text


def test_naaccr_and_encr_are_known_by_their_names(written):
    naaccr = columns_of(propose_mapping(written(
        "patientIdNumber,sex,dateOfDiagnosis,primarySite,histologicTypeIcdO3,behaviorCodeIcdO3,vitalStatus,"
        "diagnosticConfirmation\n01,1,20100203,C716,9470,3,0,1\n02,2,20110615,C421,9811,3,1,8\n"
    )))  # fmt: skip
    assert naaccr["vital_status"]["codes"] == {"0": "dead", "1": "alive"}
    assert (
        naaccr["basis_of_diagnosis"]["codes"]["1"] == "7"
        and naaccr["diagnosis_date"]["format"] == "%Y%m%d"
    )
    assert naaccr["case_id"] == {"column": "patientIdNumber"}
    encr = columns_of(propose_mapping(written(
        "pat,tum,yoi,age,sex,topo,morpho,beh,bod,vs,surv_time\n1,11,2010,8,1,C716,9470,3,7,1,3650\n"
    )))  # fmt: skip
    assert encr["year"] == {"column": "yoi"} and encr["follow_up_days"]["column"] == "surv_time"


def test_what_needs_no_mapping_says_so(written):
    text = propose_mapping(written("year,sex,age,prob,region\n2000,1,0,0.99,50\n"), "life_table")
    assert "It needs none: NORDCAN call for data, life table" in text
    mapping = yaml.load(text, Loader=yaml.BaseLoader)
    assert read_life_table(written("year,sex,age,prob,region\n2000,1,0,1,50\n"), mapping)[
        "country"
    ].tolist() == ["NO"]


def test_a_population_with_decimal_commas(written):
    path = written(
        "land;år;kjønn;alder;folkemengde\nNO;2010;mann;3;31000,5\nNO;2010;kvinne;3;30000,5\n"
    )
    mapping = yaml.load(propose_mapping(path, "population"), Loader=yaml.BaseLoader)
    assert read_population(path, mapping)["persons"].tolist() == [31000.5, 30000.5]


@pytest.mark.parametrize(
    "name", ["Fødselsnummer", "personnr", "CPR-nr", "hetu", "kennitala", "isikukood"]
)
def test_an_identity_number_is_never_proposed(written, name):
    text = propose_mapping(written(f"lopnr,{name},topografi\n1,x1,C716\n2,x2,C421\n"))
    assert "person_id" not in columns_of(text) and "an identity number, by its name" in text


def test_health_regions_get_the_names_of_the_reports(written):
    text = propose_mapping(
        written("lopnr,helseregion,topografi\n1,Helse Sør-Øst,C716\n2,HELSE NORD,C421\n")
    )
    assert columns_of(text)["region"]["codes"] == {"HELSE NORD": "Nord", "Helse Sør-Øst": "Sør-Øst"}
    assert columns_of(propose_mapping(written("lopnr,region,topografi\n1,Skåne,C716\n")))[
        "region"
    ] == {"column": "region"}


def test_names_that_yaml_would_stumble_over(written):
    path = written('"case: id, {a}",#no,"- [x]",topografi\n1,a,b,C716\n2,c,d,C421\n')
    columns = columns_of(propose_mapping(path))
    assert columns["topography"] == {"column": "topografi"}


@pytest.mark.parametrize(
    ("text", "fault"),
    [("q,r\n1,2\n", "none of its columns is known"), ("case_id,sex\n", "has a header and no rows")],
)
def test_an_extract_of_which_nothing_is_known(written, text, fault):
    with pytest.raises(InputError, match=fault):
        propose_mapping(written(text))


def test_the_effect_of_a_mapping(written):
    path = written(
        "id,kjonn,fodt,status,notat\n1,1,24.12.2001,L,x\n2,2,,D,y\n3,2,01.01.2005,?,z\n4,9,tekst,D,w\n"
    )
    mapping = {"columns": {
        "case_id": "id", "country": {"constant": "NO"},
        "sex": {"column": "kjonn", "codes": {1: "male", 2: "female", 9: None}},
        "birth_date": {"column": "fodt", "format": "%d.%m.%Y"},
        "vital_status": {"column": "status", "codes": {"L": "alive", "D": "dead"}},
        "stage": "stadium",
    }}  # fmt: skip
    assert describe_effects(mapping_effects(path, "cases", mapping)) == [
        "case_id ← id: 4 filled, 0 missing",
        "country ← constant NO: 4 filled, 0 missing",
        "sex ← kjonn: 1 → male (1), 2 → female (2), 9 → missing (1); 3 filled, 1 missing",
        "birth_date ← fodt (%d.%m.%Y): 2 filled, 2 missing",
        "vital_status ← status: D → dead (2), L → alive (1); 3 filled, 1 missing",
        "stage ← stadium: 0 filled, 4 missing",
    ]


def test_rows_left_out_have_no_effect_and_our_own_columns_none(written):
    path = written("id,sex\n1,male\n2,female\nall,male\n")
    left_out = [{"column": "id", "codes": ["all"], "reason": "a total"}]
    effects = mapping_effects(
        path, "cases", {"columns": {"case_id": "id", "sex": "sex"}, "leave_out": left_out}
    )
    assert (
        describe_effects(effects)[1]
        == "sex ← sex: female → female (1), male → male (1); 2 filled, 0 missing"
    )
    assert mapping_effects(path, "cases") == () and mapping_effects("demo", "cases") == ()
