"""Tables: structure, words, numbers, and what they must not say."""

import csv
import io
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from analysis.display import flow_table, rate_dots, record_table, table

GROUPS = pd.DataFrame(
    {
        "iccc3_group": ["I", "V", "VII"],
        "cases": [62, 24, 3],
        "person_years": [1_100_000.0] * 3,
        "rate": [56.36, 21.8, 2.7272],
        "lower": [43.2, 14.0, 0.56],
        "upper": [72.3, 32.5, 7.97],
    }
)


class Cells(HTMLParser):
    """The cells of a table with their tags and attributes."""

    def __init__(self, html):
        super().__init__()
        self.cells = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag in ("th", "td"):
            self.cells.append([tag, dict(attrs), ""])

    def handle_data(self, words):
        if self.cells:
            self.cells[-1][2] += words if words.strip() else ""


def texts(exhibit):
    return [text for _, _, text in Cells(exhibit.body).cells]


def read(exhibit):
    return list(csv.DictReader(io.StringIO(exhibit.csv)))


def test_every_row_and_column_has_its_heading():
    cells = Cells(table(GROUPS, "en", 5).body).cells
    assert [attrs["scope"] for tag, attrs, _ in cells if tag == "th"] == ["col"] * 5 + ["row"] * 3
    assert [text for _, attrs, text in cells if attrs.get("scope") == "col"] == [
        "Diagnostic group (ICCC-3)",
        "Cases",
        "Person-years",
        "Rate per million",
        "95 % CI",
    ]


def test_the_interval_stands_behind_its_estimate_in_the_readers_language():
    shown = texts(table(GROUPS, "nb", 5, totals=()))
    assert shown[shown.index("56,4") + 1] == "(43,2–72,3)"


def test_a_small_count_is_nowhere():
    exhibit = table(GROUPS, "en", 5, totals=())
    assert read(exhibit)[2] == {
        "iccc3_group": "VII", "cases": "", "person_years": "1100000", "rate": "", "lower": "", "upper": "",
        "suppressed": "true",
    }  # fmt: skip
    assert "2.7" not in exhibit.body + exhibit.csv + exhibit.alternative
    assert "<5fewer than 5, not shown" in texts(exhibit)
    assert any(note.startswith("<5") for note in exhibit.notes)


def test_a_protecting_cell_is_not_called_small():
    exhibit = table(GROUPS, "en", 5, totals=[[]])
    assert "–not shown" in texts(exhibit) and len(exhibit.notes) == 2
    assert texts(exhibit)[-5:] == ["Total", "89", "", "", ""]


def test_a_hidden_grand_total_is_not_printed():
    exhibit = table(GROUPS.tail(1), "en", 5, totals=[[]])
    assert texts(exhibit)[-5:] == ["Total", "", "", "", ""]


def test_survival_is_read_in_per_cent_and_missing_is_said():
    frame = pd.DataFrame(
        {
            "years": [5, 10],
            "at_risk": [90, 40],
            "survival": [0.8964, np.nan],
            "lower": [0.85, np.nan],
            "upper": [0.93, np.nan],
        }
    )
    shown = texts(table(frame, "nb", 5))
    assert "89,6\N{NO-BREAK SPACE}%" in shown and "(85,0–93,0)" in shown
    assert shown.count("ikke estimert") == 2
    assert read(table(frame, "nb", 5))[1]["suppressed"] == "false"


def test_registry_text_is_text():
    frame = pd.DataFrame(
        {
            "hospital": ["<script>alert(1)</script>", "=HYPERLINK(1)", "+1", "-x", "@x"],
            "cases": [10] * 5,
        }
    )
    exhibit = table(frame, "en", 5)
    assert "<script>" not in exhibit.body and "&lt;script&gt;" in exhibit.body
    assert [row["hospital"][:2] for row in read(exhibit)[1:]] == ["'=", "'+", "'-", "'@"]


def test_negative_estimates_stay_numbers_for_machines():
    frame = pd.DataFrame(
        {
            "country": ["NO"],
            "cases": [900],
            "annual_percent_change": [-0.31],
            "lower": [-1.0],
            "upper": [0.4],
        }
    )
    assert read(table(frame, "en", 5))[0]["lower"] == "-1"
    assert "(−1.0 to 0.4)" in texts(table(frame, "en", 5))


def test_years_are_not_grouped_and_codes_are_words():
    frame = pd.DataFrame(
        {
            "year": pd.array([2023], dtype="Int64"),
            "sex": ["female"],
            "region": [None],
            "cases": [1234],
        }
    )
    assert texts(table(frame, "nb", 5))[-4:] == [
        "2023",
        "jenter",
        "ukjent",
        "1\N{NARROW NO-BREAK SPACE}234",
    ]


@pytest.mark.parametrize(
    ("per", "heading"), [(1_000_000, "Rate per million"), (100_000, "Rate per 100 000")]
)
def test_a_rate_says_per_what(per, heading):
    shown = table(GROUPS.assign(per=per), "en", 5)
    assert heading in texts(shown)
    assert shown.csv == table(GROUPS, "en", 5).csv
    assert len(texts(shown)) == len(texts(table(GROUPS, "en", 5)))


def test_what_a_table_notes_of_itself_is_no_column_of_it():
    frame = pd.DataFrame({"sex": ["male", "female"], "at_risk": [40, 30], "survival": [0.9, 0.8]})
    frame = frame.assign(lower=[0.8, 0.7], upper=[0.95, 0.9])
    noted = frame.assign(outcome="death", fewest_at_risk=10, life_table_after_age=80)
    plain, shown = table(frame, "en", 5), table(noted, "en", 5)
    assert (shown.csv, shown.body, shown.alternative) == (plain.csv, plain.body, plain.alternative)
    assert [note for note in shown.notes if note not in plain.notes] == [
        note for note in shown.notes if "80" in note
    ]
    differing = table(noted.assign(outcome=["death", "relapse"]), "en", 5)
    assert differing.csv.startswith("sex,at_risk,survival,lower,upper,outcome,suppressed")


def test_decimals_can_be_asked_for():
    assert "56.36" in texts(table(GROUPS, "en", 5, totals=(), decimals={"rate": 2}))


def test_a_table_of_no_rows_is_a_sentence():
    assert table(GROUPS.iloc[:0], "en", 5).body == "<p>No values can be shown.</p>"


@pytest.mark.parametrize(
    "frame", [GROUPS.assign(cases=3), GROUPS.assign(cases=np.nan, rate=np.nan)]
)
def test_tables_in_which_nothing_can_be_shown_are_tables(frame):
    exhibit = table(frame, "en", 5, totals=[[]])
    assert exhibit.body.startswith("<table>") and exhibit.alternative.endswith(
        "No values can be shown."
    )


def test_the_alternative_says_what_and_how_much():
    assert table(GROUPS, "en", 5, totals=()).alternative == (
        "Table with 3 rows: diagnostic group (ICCC-3), cases, person-years, rate per million. "
        "Rate per million: 21.8 to 56.4."
    )


def test_a_flow_is_read_in_words():
    flow = pd.DataFrame(
        {
            "criterion": ["registered", "age_below_18", "first_primary"],
            "left_out": [0, 40, 3],
            "remaining": [100, 60, 57],
        }
    )
    exhibit = flow_table(flow, "nb", 5)
    assert "Andre årsaker" in texts(exhibit) and "57" in texts(exhibit)
    assert "60" not in texts(exhibit) and exhibit.notes


def test_few_who_remain_are_not_told():
    flow = pd.DataFrame(
        {
            "criterion": ["registered", "group", "known"],
            "left_out": [0, 566, 0],
            "remaining": [567, 1, 1],
        }
    )
    exhibit = flow_table(flow, "en", 5)
    assert texts(exhibit)[-2:] == ["–not shown", "<5fewer than 5, not shown"]
    assert (
        "566" not in exhibit.body + exhibit.csv
        and "remain" not in exhibit.alternative.lower().split(".")[-1]
    )
    assert exhibit.notes[-1].startswith("Fewer than 5 are not told")


SHARED = pd.DataFrame(
    {
        "iccc3_group": ["I", "I", "I", "I", None],
        "sex": ["male", "male", "female", "female", "male"],
        "children": [60, 60, 50, 50, 40],
        "years": [1, 5, 1, 5, 1],
        "at_risk": [55, 40, 45, 30, 35],
        "survival": 0.9,
    }
)


def test_a_name_that_lines_share_is_printed_once_and_heads_them():
    exhibit = table(SHARED, "en", 5)
    heads = [
        (attrs["scope"], attrs.get("rowspan"), text)
        for tag, attrs, text in Cells(exhibit.body).cells
        if tag == "th"
    ]
    assert heads[6:] == [
        ("rowgroup", "4", "I Leukaemia"), ("row", "2", "boys"), ("row", None, "1"), ("row", None, "5"),
        ("row", "2", "girls"), ("row", None, "1"), ("row", None, "5"),
        ("rowgroup", None, "unknown"), ("row", None, "boys"), ("row", None, "1"),
    ]  # fmt: skip
    assert exhibit.body.count("<tbody") == 2 and exhibit.body.count("<tr>") == 6
    assert [row["iccc3_group"] for row in read(exhibit)] == ["I"] * 4 + [""]


def test_every_line_keeps_its_width_under_shared_names():
    rows = exhibit_rows(table(SHARED, "en", 5))
    assert all(sum(width) == 6 for width in rows)


def exhibit_rows(exhibit):
    """Cells that stand in each line, with those that reach down from lines above."""
    lines, down = [], []
    for line in exhibit.body.split("<tr>")[2:]:
        spans = [int(attrs.get("rowspan", 1)) for _, attrs, _ in Cells(line).cells]
        lines.append([len(spans), len(down)])
        down = [left - 1 for left in [*down, *(span - 1 for span in spans)] if left > 0]
    return lines


def test_strata_without_shared_names_are_one_body():
    body = table(SHARED.iloc[[0, 4]], "en", 5).body
    assert body.count("<tbody>") == 1 and "rowgroup" not in body and "I Leukaemia<" in body


def test_key_figures_are_escaped_and_labelled():
    exhibit = record_table([("cases", "204", "0–17"), ("<i>own</i>", "=1")], "en")
    assert texts(exhibit)[3:] == ["Cases", "204", "0–17", "<i>own</i>", "=1", ""]
    assert exhibit.csv.splitlines() == [
        "key_figure,value,note",
        "Cases,204,0–17",
        "<i>own</i>,'=1,",
    ]


def test_a_table_about_columns_names_them_in_words():
    columns = pd.DataFrame(
        {
            "column": ["birth_date", "sex"],
            "eligible": [90, 90],
            "met": [80, 70],
            "share": [8 / 9, 7 / 9],
        }
    )
    assert "Fødselsdato" in table(columns, "nb", 5).body


MEASURES = pd.DataFrame(
    {
        "country": ["NO", "SE"],
        "cases": [100, 200],
        "expected": [98.21, 201.3],
        "standardised_incidence_ratio": [1.018, 0.99],
        "lower": [0.9, 0.8],
        "upper": [1.2, np.inf],
        "p_value": [0.0321, 0.0002],
        "i_squared": [0.43, 0.0],
        "tau_squared": [0.0123, 0.0],
        "cumulative_risk": [0.00253, 0.0031],
        "survival_difference": [0.031, -0.02],
        "joinpoint": [2001, 2004],
        "rank": [1, 2],
        "verdict": ["higher", "as_expected"],
    }
)


def test_measures_of_comparison_are_printed_as_the_field_prints_them():
    body = [text.replace("\N{NO-BREAK SPACE}", " ") for text in texts(table(MEASURES, "nb", 5))]
    heads, line, other = body[:13], body[13:27], body[27:]
    assert heads[2:5] == ["Forventet", "Standardisert insidensratio", "95 % KI"]
    assert heads[9] == "Forskjell i overlevelse (prosentpoeng)" and heads[10:13] == [
        "Knekkpunkt",
        "Rang",
        "Funn",
    ]
    assert line[1:7] == ["100", "98,2", "1,02", "(0,90–1,20)", "0,032", "43 %"]
    assert line[7:] == ["0,012", "0,25 %", "3,1", "2001", "1", "flere enn forventet", "Sverige"]
    assert "(0,80–∞)" in other and "−2,0" in other and "som forventet" in other


def test_every_measure_of_comparison_has_a_word_in_both_languages():
    for language in ("en", "nb"):
        for column in (
            *MEASURES.columns,
            "prevalence",
            "attained_age",
            "segment",
            "smooth_rate",
            "approach",
        ):
            head = texts(table(pd.DataFrame({column: [1], "cases": [9]}), language, 5))[0]
            assert head != column and "_" not in head


def test_a_ratio_and_a_finding_go_with_their_count():
    exhibit = table(MEASURES.assign(cases=[100, 3]), "en", 5, totals=())
    line = read(exhibit)[1]
    assert not any(
        line[c]
        for c in ("cases", "expected", "standardised_incidence_ratio", "upper", "verdict", "rank")
    )
    assert "as expected" not in exhibit.body and "more than expected" in exhibit.body


def test_limits_are_in_the_unit_of_their_estimate():
    frame = pd.DataFrame(
        {"hospital": ["OUS"], "eligible": [50], "met": [40], "share": [0.8], "upper_95": [0.91]}
    )
    assert "91.0\N{NO-BREAK SPACE}%" in texts(table(frame, "en", 5))


def test_that_too_few_were_at_risk_is_said_below():
    frame = pd.DataFrame({"sex": ["male", "female"], "at_risk": [40, 7], "survival": [0.9, None]})
    frame = frame.assign(lower=[0.8, None], upper=[0.95, None], fewest_at_risk=10)
    reason = "Not estimated where fewer than 10 children are still under observation."
    assert reason in table(frame, "en", 5).notes
    assert reason in rate_dots(frame, "en", 5, category="sex").notes
    # Where nobody was followed so far, the reason is another, and where all are estimated there is none.
    assert reason not in table(frame.assign(at_risk=[40, 0]), "en", 5).notes
    assert reason not in table(frame.head(1), "en", 5).notes


def test_codes_are_said_in_words_and_whole_numbers_without_decimals():
    coded = pd.DataFrame({"basis_of_diagnosis": [0.0, 7.0, None], "cases": [10, 20, 30]})
    assert texts(table(coded, "nb", 5))[2::2] == [
        "0 kun dødsattest",
        "7 histologi fra primærsvulst",
        "ukjent",
    ]
    weights = pd.DataFrame({"age_from": [0.0, 5.0], "weight": [0.5, 2.0]})
    cells = Cells(table(weights, "en", 5).body).cells
    assert [text for _, _, text in cells][2:] == ["0", "0.5", "5", "2.0"]
    assert all(attrs.get("class") == "number" for tag, attrs, _ in cells)
