"""One look for one thing, and names that do not collide."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from analysis.display import spread, style_of
from analysis.terms import COUNTRIES, ICCC3_GROUPS, SEXES


def test_a_country_looks_the_same_in_any_company():
    assert style_of("country", "NO", ["NO"]) == style_of("country", "NO", list(COUNTRIES))


def test_no_two_of_a_family_look_alike_even_in_grey():
    for column, values in {"country": COUNTRIES, "sex": SEXES, "iccc3_group": ICCC3_GROUPS}.items():
        looks = [
            (style.marker, style.dash)
            for style in (style_of(column, value, values) for value in values)
        ]
        assert len(set(looks)) == len(values), column


@given(st.lists(st.floats(0, 200), min_size=1, max_size=10))
def test_labels_keep_their_distance_and_stay_inside(wanted):
    placed = spread(wanted, 16, 0, 200)
    in_order = sorted(placed)
    assert all(later - earlier >= 16 - 1e-6 for earlier, later in pairwise(in_order))
    assert in_order[0] >= -1e-6 and in_order[-1] <= 200 + 1e-6
    assert [placed.index(p) for p in in_order] == sorted(range(len(wanted)), key=wanted.__getitem__)
