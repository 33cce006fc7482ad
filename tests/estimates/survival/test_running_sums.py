"""Sums and products that start anew in each stratum."""

import numpy as np
import pytest

from analysis.estimates.survival import running_sums
from analysis.estimates.survival.running_sums import (
    edges_of,
    just_before,
    pieces_of,
    running_maximum,
    running_product,
    running_sum,
    step_curve,
)

STRATUM = np.array([0, 0, 0, 2, 2, 5])
TERMS = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])


def test_each_stratum_starts_anew():
    assert running_sum(STRATUM, TERMS).tolist() == [1, 3, 6, 4, 9, 6]
    assert running_product(STRATUM, TERMS).tolist() == [1, 2, 6, 4, 20, 6]
    assert running_maximum(STRATUM, -TERMS).tolist() == [-1, -1, -1, -4, -4, -6]
    assert just_before(STRATUM, TERMS, at_start=0).tolist() == [0, 1, 2, 0, 4, 0]
    assert edges_of(STRATUM).tolist() == [0, 3, 5, 6]


def test_nothing_has_no_sum():
    nothing = np.zeros(0, dtype=int)
    assert running_sum(nothing, np.zeros(0)).tolist() == []
    assert just_before(nothing, np.zeros(0), at_start=1).tolist() == []
    assert pieces_of(nothing) == []


@pytest.mark.parametrize("piece", [1, 2, 3, 4, 100])
def test_pieces_are_whole_strata_and_all_of_them(piece, monkeypatch):
    monkeypatch.setattr(running_sums, "PIECE", piece)
    pieces = pieces_of(STRATUM)
    rows = np.concatenate([np.arange(len(STRATUM))[rows] for rows in pieces])
    assert rows.tolist() == list(range(len(STRATUM)))
    ends = {rows.stop for rows in pieces}
    assert ends <= {3, 5, 6}


def test_a_piece_is_no_longer_than_it_must_be(monkeypatch):
    monkeypatch.setattr(running_sums, "PIECE", 2)
    stratum = np.repeat(np.arange(8), 1)
    assert [rows.stop - rows.start for rows in pieces_of(stratum)] == [2, 2, 2, 2]


@pytest.mark.parametrize("piece", [1, 100])
def test_a_step_curve_moves_at_events_only(piece, monkeypatch):
    monkeypatch.setattr(running_sums, "PIECE", piece)
    at_risk, events = np.array([9, 8, 7, 6, 5, 4]), np.array([0, 1, 0, 0, 2, 0])
    rows_seen = []

    def estimate(stratum, at_risk, events):
        rows_seen.extend(at_risk.tolist())
        return running_sum(stratum, events), at_risk * 10.0

    curve = step_curve(["sum", "tens"], estimate, STRATUM, [at_risk, events])
    assert sorted(rows_seen) == [4, 5, 6, 8, 9]
    assert curve["sum"].tolist() == [0, 1, 1, 0, 2, 0]
    assert curve["tens"].tolist() == [90, 80, 80, 60, 50, 40]
