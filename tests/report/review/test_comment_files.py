"""Reviewers' files: what is refused and how it is told, what is merged, what an editor sets and keeps."""

import csv
import io
import json

import pytest

from analysis.errors import InputError
from analysis.report.review.collecting import collect_comments
from analysis.report.review.comment_files import read_collection, read_comments
from analysis.report.review.comments import Comment, annotation_page, comment_of, merged
from analysis.report.review.verdicts import Verdict, comments_csv, read_verdicts
from analysis.report.site.drafts import draft_of

EARLY, LATE = "2026-11-24T09:30:00.000Z", "2026-11-25T09:30:00.000Z"


def comment(number=1, reviewer="Kari", text="Why?", modified=EARLY, **changes):
    given = {
        "chapter": "03_incidence",
        "language": "en",
        "anchor": "p-1",
        "exact": "A passage of the text",
    } | changes
    return Comment(f"urn:x:{number}", reviewer, text, EARLY, modified, **given)


def annotation(**changes):
    return json.loads(annotation_page("demo", [comment()]))["items"][0] | changes


def write(path, *comments, edition="demo"):
    path.write_text(annotation_page(edition, comments), encoding="utf-8")
    return path


@pytest.fixture
def folder(tmp_path):
    """An edition's folder with a draft in it, as a build leaves it."""
    place = tmp_path / "outputs" / "demo"
    (place / "review").mkdir(parents=True)
    draft = draft_of("demo", {"en": "A title & <b>", "nb": "En tittel"}, [])
    chapter = {"name": "03_incidence", "language": "en", "number": "3", "title": "<i>Incidence</i>"}
    record = {**vars(draft), "chapters": [chapter | {"series": "03_incidence", "sha256": "a" * 64}]}
    (place / "review" / "draft.json").write_text(json.dumps(record), encoding="utf-8")
    return place


def test_a_comment_comes_back_as_it_was_written(tmp_path):
    given = [
        comment(1, text="😀 שלום\n\n=1+1 <script>"),
        comment(2, "Åse", anchor="", prefix="a", suffix="b", draft="d"),
    ]
    assert read_comments([write(tmp_path / "a.json", *given)]) == ("demo", given)


def test_a_collection_with_its_page_inside_is_read_as_well(tmp_path):
    page = json.loads(annotation_page("demo", [comment()]))
    whole = {"@context": page["@context"], "type": "AnnotationCollection", "first": page}
    (tmp_path / "a.json").write_text("\ufeff" + json.dumps(whole), encoding="utf-8")
    assert read_comments([tmp_path / "a.json"])[1] == [comment()]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"id": 3}, "id must be given as text"),
        ({"creator": "Kari"}, "creator.name must be given as text"),
        (
            {"creator": {"name": "x" * 201}},
            "creator.name must not be longer than 200 characters; it has 201",
        ),
        ({"body": {"value": " \x00 "}}, "body.value must be given as text"),
        (
            {"body": [{"value": "x" * 20_001}]},
            "body.value must not be longer than 20000 characters; it has 20001",
        ),
        ({"created": "yesterday"}, "created must be a moment such as 2026-11-24T09:30:00Z"),
        ({"created": 12}, "created must be a moment such as 2026-11-24T09:30:00Z"),
        (
            {"modified": "0001-01-01T00:00:00+14:00"},
            "modified must be a moment such as 2026-11-24T09:30:00Z",
        ),
        ({"target": []}, "target.source must be a page such as en/03_incidence.html"),
        (
            {"target": {"source": "../../etc/passwd"}},
            "target.source must be a page such as en/03_incidence.html",
        ),
        (
            {"target": {"source": "fr/03_incidence.html"}},
            "target.source must be a page such as en/03_incidence.html",
        ),
    ],
)
def test_what_is_wrong_with_a_comment_is_said_in_one_sentence(changes, fault):
    found, faults = comment_of(annotation(**changes))
    assert found is None and fault in faults


def test_an_anchor_that_is_none_and_a_passage_that_is_absent_are_refused():
    item = annotation()
    item["target"]["selector"] = [{"type": "FragmentSelector", "value": '"><script>'}]
    assert len(comment_of(item)[1]) == 2


def test_half_of_a_character_does_not_come_through():
    found, _ = comment_of(annotation(body={"value": "a\ud800b\u202ec"}))
    assert found.text == "ab\u202ec"
    assert found.text.encode()


def test_every_fault_of_every_file_is_told_at_once(tmp_path):
    (tmp_path / "list.json").write_text("[1]")
    (tmp_path / "half.json").write_text("{")
    (tmp_path / "binary.json").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "deep.json").write_text("[" * 100_000)
    (tmp_path / "none.json").write_text('{"type": "AnnotationPage", "items": []}')
    (tmp_path / "huge.json").write_bytes(b" " * (20 * 2**20 + 1))
    bad = {
        **json.loads(annotation_page("demo", [])),
        "items": [annotation(), annotation(id=""), "x"],
    }
    (tmp_path / "bad.json").write_text(json.dumps(bad))
    other = write(tmp_path / "other.json", comment(), edition="2022")
    with pytest.raises(InputError) as raised:
        read_comments([*sorted(tmp_path.glob("*.json")), tmp_path / "absent.json"])
    told = raised.value.faults
    assert "bad.json, comment 2: id must be given as text" in told
    assert "bad.json, comment 3: must be an annotation with keys and values" in told
    assert "huge.json: must not be larger than 20 MB" in told
    assert "absent.json: must be a file that can be read" in told
    assert "none.json: workbench:edition must name the edition, such as demo" in told
    assert f"must be of one edition; these are of demo (bad.json), 2022 ({other.name})" in told
    assert sum("must be JSON in UTF-8" in fault for fault in told) == 3 and len(told) == 10


def test_what_may_not_be_kept_is_told_by_file_and_number(tmp_path):
    path = write(tmp_path / "a.json", comment(1), comment(2, text="call 12"))
    with pytest.raises(InputError, match="a.json, comment 2: must not hold that"):
        read_comments([path], lambda text: "must not hold that" if "call" in text else "")


def test_the_same_comment_counts_once_and_its_latest_words_win():
    later = comment(1, text="Better", modified=LATE)
    assert merged([later, comment(1), comment(1)]) == merged([comment(1), later]) == (later,)
    assert len(merged([comment(1), comment(1, "Ola"), comment(2)])) == 3


def test_collecting_again_keeps_what_the_editor_set_and_what_was_collected(folder, tmp_path):
    first = write(tmp_path / "kari.json", comment(1), comment(2, text="=HYPERLINK(1)"))
    found = collect_comments([first, first], folder)
    assert (found.comments, found.new, found.edited) == (2, 2, 0)
    sheet = folder / "private" / "comments" / "comments.csv"
    assert found.sheet == sheet
    rows = sorted(
        csv.DictReader(io.StringIO(sheet.read_text(encoding="utf-8"))),
        key=lambda row: row["comment"] != "Why?",
    )
    assert [row["status"] for row in rows] == ["open", "open"] and rows[1][
        "comment"
    ] == "'=HYPERLINK(1)"
    rows[0] |= {"status": "Resolved ", "answer": "'-5 is right; see Ås"}
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0], delimiter=";")
    writer.writeheader()
    writer.writerows(rows)
    # As a spreadsheet in Norwegian may save it.
    sheet.write_bytes(text.getvalue().encode("cp1252"))
    again = collect_comments(
        [write(tmp_path / "ola.json", comment(1, "Ola"), comment(1, text="New", modified=LATE))],
        folder,
    )
    assert (again.comments, again.new, again.edited) == (3, 1, 1)
    kept = read_collection(folder / "private" / "comments")
    assert {one.text for one in kept.comments} == {"New", "=HYPERLINK(1)", "Why?"}
    assert kept.verdicts[comment(1).key] == Verdict("resolved", "-5 is right; see Ås")
    assert kept.verdicts[comment(1, "Ola").key] == Verdict()


def test_a_status_that_is_none_is_refused_by_row(tmp_path):
    sheet = tmp_path / "comments.csv"
    sheet.write_text(comments_csv([comment(1), comment(2)], {}).replace(",open,", ",done,", 1))
    with pytest.raises(
        InputError, match="row 1: status must be one of open, answered, resolved, declined"
    ):
        read_verdicts(sheet)
    sheet.write_text("chapter,reviewer\n1,2\n")
    with pytest.raises(InputError, match="must have the column id"):
        read_verdicts(sheet)
    sheet.write_text('id,status\n"a,open\n')
    with pytest.raises(InputError, match="must be CSV"):
        read_verdicts(sheet)


def test_the_page_of_all_comments_escapes_what_others_wrote(folder, tmp_path):
    hostile = comment(1, "<script>alert(1)</script>", '"><img src=x>', exact="<b>bold</b>")
    gone = comment(2, chapter="77_gone", language="nb")
    found = collect_comments([write(tmp_path / "a.json", hostile, gone)], folder)
    pages = [path.read_text(encoding="utf-8") for path in found.page.parent.glob("*.html")]
    assert len(pages) == 2 and found.unknown == ("77_gone (nb)",)
    for page in pages:
        assert (
            "<script" not in page
            and "<img" not in page
            and "<b>bold" not in page
            and "<i>Inc" not in page
        )
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page and "77_gone" in page
    assert "Innsamlede kommentarer" in pages[0] + pages[1]


def test_where_comments_are_collected(folder, tmp_path, monkeypatch):
    path = write(tmp_path / "a.json", comment())
    monkeypatch.chdir(tmp_path)
    assert (
        collect_comments([path]).page.resolve()
        == (folder / "private" / "comments" / "index.html").resolve()
    )
    monkeypatch.chdir(folder)
    with pytest.raises(
        InputError, match="no folder outputs/demo here: name the edition's folder with --edition"
    ):
        collect_comments([path])
    assert collect_comments([path], output=tmp_path / "elsewhere").page.is_file()
    with pytest.raises(InputError, match="must not be written into a public folder"):
        collect_comments([path], folder, folder / "public" / "en")
    with pytest.raises(InputError, match="a.json is a file"):
        collect_comments([path], folder, path)
    with pytest.raises(InputError, match="are of the edition 2022, and the folder demo holds demo"):
        collect_comments([write(tmp_path / "b.json", comment(), edition="2022")], folder)
    with pytest.raises(InputError, match="build it first"):
        collect_comments([path], tmp_path)


def test_a_comment_that_names_a_folder_of_the_machine_is_refused(folder, tmp_path):
    path = write(tmp_path / "a.json", comment(text=f"see {folder}/private"))
    with pytest.raises(
        InputError, match="a.json, comment 1: must not name a folder of this machine"
    ):
        collect_comments([path], folder)


def test_nothing_is_written_where_one_file_is_wrong(folder, tmp_path):
    (tmp_path / "b.json").write_text("{}")
    with pytest.raises(InputError):
        collect_comments([write(tmp_path / "a.json", comment()), tmp_path / "b.json"], folder)
    assert not (folder / "private").exists()
