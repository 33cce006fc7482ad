"""Values that options take."""

import pytest
from typer import BadParameter

from analysis.commands.options import edition_file_of, percent, size


@pytest.mark.parametrize(("text", "number"), [("0", 0.0), ("10", 10.0), ("0.5", 0.5)])
def test_a_number_of_per_cent(text, number):
    assert percent(text) == number


@pytest.mark.parametrize("text", ["-0.1", "ten", "inf", "nan", ""])
def test_what_is_no_number_of_per_cent_is_refused(text):
    with pytest.raises(BadParameter, match="0 or more"):
        percent(text)


@pytest.mark.parametrize(
    ("text", "number"), [("1M", 1_048_576), ("500m", 524_288_000), ("2G", 2_147_483_648)]
)
def test_a_size_in_bytes(text, number):
    assert size(text) == number


@pytest.mark.parametrize("text", ["2", "G", "2T", "-1M", "1.5G", "2GB", ""])
def test_what_is_no_size_is_refused(text):
    with pytest.raises(BadParameter, match="500M or 2G"):
        size(text)


def test_an_editions_file_stands_beside_its_outputs(tmp_path):
    assert edition_file_of(tmp_path / "outputs" / "2025") == tmp_path / "params" / "2025.yml"
