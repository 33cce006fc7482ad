"""A mapping that is proposed, and the data dictionary."""

from analysis.commands.app import main
from analysis.register import data_dictionary


def test_a_mapping_is_proposed_written_once_and_its_effect_told(tmp_path, capsys):
    extract, mapping = tmp_path / "uttrekk.csv", tmp_path / "uttrekk.yml"
    extract.write_text(
        "løpenr;pasient;land;kjønn;topografi;morfologi;atferd\n1;a;NO;1;C421;9836;3\n2;b;NO;2;C716;9470;3\n"
    )
    assert main(["map", str(extract), "--output", str(mapping)]) == 0
    assert capsys.readouterr().out.strip() == str(mapping)
    assert main(["check", str(extract), "--mapping", str(mapping)]) == 0
    assert (
        "sex ← kjønn: 1 → male (1), 2 → female (1); 2 filled, 0 missing" in capsys.readouterr().out
    )
    assert main(["map", str(extract), "--output", str(mapping)]) == 2
    assert "is not written over" in capsys.readouterr().err
    assert main(["map", str(extract)]) == 0
    assert capsys.readouterr().out.strip() == mapping.read_text(encoding="utf-8").strip()


def test_the_data_dictionary_is_printed(capsys):
    assert main(["dictionary"]) == 0
    assert capsys.readouterr().out == data_dictionary() + "\n"
