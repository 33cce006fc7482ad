"""Several tumours in one child: their order, and which of them are one by the international rules."""

from functools import cache
from importlib.resources import files

import numpy as np
import pandas as pd

from analysis.cases.eligibility import Criterion
from analysis.cases.step_cache import cached_step
from analysis.strata import require_columns
from analysis.terms import is_count_table

FIRST, FURTHER, DUPLICATE = "first", "further", "duplicate"
MALIGNANT, IN_SITU = 3, 2
CENTRAL_NERVOUS_SYSTEM = ((700, 729), (751, 753))
UNKNOWN_SITE = 80
UNSPECIFIED_CARCINOMA, UNSPECIFIED_BLOOD, UNSPECIFIED = 5, 14, 17
BLOOD = (8, 14)
HIGHEST_CODE = 9999


def add_tumour_sequence(cases: pd.DataFrame) -> pd.DataFrame:
    """Number the tumours of each child in the order of their diagnosis.

    Reads ``person_id`` and, where there, ``diagnosis_date``, ``year`` and ``age_at_diagnosis``;
    adds ``tumour_sequence`` (1 for the first). Tumours of one day keep the registry's order.

    Notes
    -----
    Run it before any tumour is left out: a first tumour that is not counted is still the first.

    Examples
    --------
    >>> tumours = pd.DataFrame({"person_id": ["a", "b", "a"], "year": [2010, 2011, 2001]})
    >>> add_tumour_sequence(tumours)["tumour_sequence"].tolist()
    [2, 1, 1]
    """
    if is_count_table(cases):
        return cases
    require_columns(cases, ["person_id"])
    order = [column for column in ("diagnosis_date", "year", "age_at_diagnosis") if column in cases]
    # A stable sort: tumours of one day keep the order in which the registry lists them.
    in_order = (
        cases[["person_id", *order]]
        .set_axis(range(len(cases)))
        .sort_values(["person_id", *order], kind="stable")
    )
    sequence = in_order.groupby("person_id", sort=False).cumcount() + 1
    return cases.assign(tumour_sequence=sequence.sort_index().to_numpy())


@cached_step(
    "person_id",
    "topography",
    "morphology",
    "behaviour",
    "diagnosis_date",
    "year",
    "age_at_diagnosis",
)
def mark_multiple_primaries(cases: pd.DataFrame) -> pd.DataFrame:
    """Say of each tumour whether it is the child's first, a further primary, or one already counted.

    Reads ``person_id topography morphology``, ``behaviour`` where there, and what `add_tumour_sequence`
    reads. Adds ``tumour_sequence`` (see there), ``primary`` (``first``, ``further``, ``duplicate``) and
    ``duplicate_of_row`` (Int64: the row, from 1, of the earlier tumour that a duplicate repeats).

    Notes
    -----
    Two tumours of one person are one when they are of one group of morphology and one group of sites,
    whatever the time between them and whatever the side: a tumour in both kidneys or both eyes is one.
    A group of blood and lymph, mesothelioma and Kaposi sarcoma are counted once a person; an acute
    myeloid leukaemia after a lymphoblastic one is a further primary. An unspecified carcinoma, blood
    cancer or tumour is of the group of the specified one; an unknown site is that of the known one.

    The rules are for malignant tumours; those of the central nervous system that are not malignant are
    held to them too. All others, in situ or benign, repeat nothing and are repeated by nothing.
    A glioma after a medulloblastoma is one tumour under these rules, also where radiotherapy caused it:
    a study of late effects has to look at such pairs (``duplicate_of_row``) itself. The row that came
    first is counted, with its own codes, even where the later one is more specific.

    References
    ----------
    IACR, IARC, ENCR. International rules for multiple primary cancers (ICD-O third edition). Lyon, 2004.

    Examples
    --------
    >>> tumours = pd.DataFrame(
    ...     {
    ...         "person_id": ["a", "a", "a"],
    ...         "year": [2001, 2003, 2010],
    ...         "topography": ["C64.9", "C64.9", "C40.2"],
    ...         "morphology": ["8960", "8960", "9180"],
    ...     }
    ... )
    >>> mark_multiple_primaries(tumours)["primary"].tolist()
    ['first', 'duplicate', 'further']
    """
    if is_count_table(cases):
        return cases
    require_columns(cases, ["person_id", "topography", "morphology"])
    sequenced = add_tumour_sequence(cases)
    original = _originals(sequenced)
    primary = np.where(
        sequenced["tumour_sequence"] == 1, FIRST, np.where(original >= 0, DUPLICATE, FURTHER)
    )
    rows = pd.array(original + 1, dtype="Int64")
    rows[original < 0] = pd.NA
    return sequenced.assign(primary=primary.astype(object), duplicate_of_row=rows)


def counted_primary() -> Criterion:
    """Not a tumour that the international rules count with an earlier one of the same child."""
    return Criterion("counted_primary", ("primary",), lambda cases: cases["primary"] != DUPLICATE)


def later_primaries(cases: pd.DataFrame) -> pd.DataFrame:
    """The further primary tumours of children, each beside the child's first: for the study of late effects.

    Reads ``person_id tumour_sequence primary`` and, where there, ``diagnosis_date`` and ``iccc3_group``.
    Keeps the rows of further primaries; adds ``days_since_first`` (Int64) and ``first_iccc3_group``
    where they can be known.

    Notes
    -----
    Run it on all registered tumours: the first of a child may lie outside the years of a report.

    Examples
    --------
    >>> tumours = pd.DataFrame({"person_id": ["a", "a"], "topography": ["C42.1", "C71.0"], "morphology": [9811, 9440]})
    >>> tumours["diagnosis_date"] = pd.to_datetime(["2001-01-01", "2011-01-01"])
    >>> later_primaries(mark_multiple_primaries(tumours))["days_since_first"].tolist()
    [3652]
    """
    if is_count_table(cases):
        return cases
    require_columns(cases, ["person_id", "tumour_sequence", "primary"])
    firsts = cases[cases["tumour_sequence"] == 1].set_index("person_id")
    later = cases[cases["primary"] == FURTHER]
    added = {}
    if "diagnosis_date" in cases:
        since = later["diagnosis_date"] - later["person_id"].map(firsts["diagnosis_date"])
        added["days_since_first"] = since.dt.days.astype("Int64")
    if "iccc3_group" in cases:
        added["first_iccc3_group"] = later["person_id"].map(firsts["iccc3_group"]).astype(object)
    return later.assign(**added).reset_index(drop=True)


def _originals(cases: pd.DataFrame) -> np.ndarray:
    """The position of the earlier counted tumour that each tumour repeats, or -1."""
    original = np.full(len(cases), -1, dtype=np.int64)
    person = pd.factorize(cases["person_id"])[0]
    ruled = _of_persons_with_several(person)
    ruled = ruled[_under_the_rules(cases.iloc[ruled])]
    if len(ruled):
        order = np.lexsort((cases["tumour_sequence"].to_numpy()[ruled], person[ruled]))
        ruled = ruled[order]
        earlier = _repeated(person[ruled], cases.iloc[ruled])
        repeats = earlier < np.arange(len(ruled))
        original[ruled[repeats]] = ruled[earlier[repeats]]
    return original


def _of_persons_with_several(person: np.ndarray) -> np.ndarray:
    """The positions of tumours whose person has another one; a tumour without a person has none."""
    identified = person >= 0
    tumours = np.bincount(person[identified], minlength=1)
    return np.flatnonzero(identified & (tumours[person] > 1))


def _repeated(person: np.ndarray, tumours: pd.DataFrame) -> np.ndarray:
    """The place of the tumour that each repeats, in order of person and sequence; its own or a later one for none."""
    kinds = np.column_stack([person, _morphology_groups(tumours), _site_groups(tumours)])
    # Tumours of one kind share their answer: only the first of each kind of a person is compared.
    kinds, first, kind = np.unique(kinds, axis=0, return_index=True, return_inverse=True)
    in_order = np.lexsort((first, kinds[:, 0]))
    counted_with = np.empty(len(kinds), dtype=np.int64)
    counted_with[in_order] = in_order[_counted_with(kinds[in_order])]
    # A kind without a code repeats nothing: neither another kind nor an earlier tumour of its own.
    coded = (kinds[:, 1] > 0) & (kinds[:, 2] >= 0)
    return np.where(coded, first[counted_with], len(tumours))[kind.ravel()]


def _counted_with(kinds: np.ndarray) -> np.ndarray:
    """For each kind of tumour, by person and in order, the earlier counted kind that it repeats, or itself."""
    person = kinds[:, 0]
    start = np.searchsorted(person, person)
    sequence = np.arange(len(kinds)) - start
    counted_with = np.arange(len(kinds))
    # All second kinds of all persons at once, then all third ones: what a kind is counted with must be settled before
    # a later kind is held against it.
    for step in range(1, sequence.max(initial=0) + 1):
        later = np.flatnonzero(sequence == step)
        earlier = start[later][:, None] + np.arange(step)
        is_counted = counted_with[earlier] == earlier
        is_one = _are_one(kinds[later][:, None], kinds[earlier]) & is_counted
        repeats = is_one.any(axis=1)
        counted_with[later[repeats]] = earlier[repeats, is_one[repeats].argmax(axis=1)]
    return counted_with


def _are_one(later: np.ndarray, earlier: np.ndarray) -> np.ndarray:
    """Whether two tumours of a person, each as person, group of morphology and group of sites, are one."""
    morphology, site = later[..., 1], later[..., 2]
    earlier_morphology, earlier_site = earlier[..., 1], earlier[..., 2]
    low = np.minimum(morphology, earlier_morphology)
    high = np.maximum(morphology, earlier_morphology)
    same_group = low == high
    once = _once()[morphology] & same_group
    once |= (high == UNSPECIFIED_BLOOD) & (low >= BLOOD[0]) & (low <= BLOOD[1])
    # An unspecified group stands last among those that it may be, so that it is the higher of the two.
    same_kind = same_group | (high == UNSPECIFIED) | (high == UNSPECIFIED_CARCINOMA)
    same_site = (site == earlier_site) | (site == UNKNOWN_SITE) | (earlier_site == UNKNOWN_SITE)
    coded = (low > 0) & (site >= 0) & (earlier_site >= 0)
    return coded & (once | (same_kind & same_site))


def _under_the_rules(cases: pd.DataFrame) -> np.ndarray:
    """Malignant, or not malignant inside the central nervous system; all where no behaviour is sent."""
    if "behaviour" not in cases:
        return np.ones(len(cases), dtype=bool)
    behaviour = cases["behaviour"].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    site = _site_numbers(cases["topography"])
    inside = np.logical_or.reduce(
        [(site >= first) & (site <= last) for first, last in CENTRAL_NERVOUS_SYSTEM]
    )
    return (behaviour == MALIGNANT) | (inside & (behaviour < IN_SITU))


def _morphology_groups(cases: pd.DataFrame) -> np.ndarray:
    code = pd.to_numeric(cases["morphology"].astype("string"), errors="coerce").astype("Float64")
    code = code.to_numpy(dtype=float, na_value=-1)
    known = (code >= 0) & (code <= HIGHEST_CODE)
    return np.where(known, _groups("morphology")[np.where(known, code, 0).astype(np.int64)], 0)


def _site_groups(cases: pd.DataFrame) -> np.ndarray:
    category = _site_numbers(cases["topography"]) // 10
    return np.where(category >= 0, _groups("topography")[np.maximum(category, 0)], -1)


def _site_numbers(topography: pd.Series) -> np.ndarray:
    """C71.6 and C716 as 716; what is no site as -1."""
    text = topography.astype("string").str.strip().str.upper().str.extract(r"^C(\d\d)\.?(\d)$")
    number = pd.to_numeric(text[0] + text[1], errors="coerce").astype("Float64")
    return number.to_numpy(dtype=float, na_value=-1).astype(np.int64)


@cache
def _table() -> pd.DataFrame:
    with files("analysis.cases").joinpath("primaries.csv").open(encoding="utf-8") as lines:
        return pd.read_csv(lines, comment="#", keep_default_na=False)


@cache
def _groups(kind: str) -> np.ndarray:
    """The group of each code; a site category that no group lists is its own."""
    groups = np.arange(100) if kind == "topography" else np.zeros(HIGHEST_CODE + 1, dtype=np.int64)
    for row in _table()[_table()["kind"] == kind].itertuples():
        for span in row.codes.replace("C", "").split():
            first, _, last = span.partition("-")
            groups[int(first) : int(last or first) + 1] = row.group
    return groups


@cache
def _once() -> np.ndarray:
    """Whether a person has one tumour of a group at most, by group."""
    kinds = _table()[_table()["kind"] == "morphology"]
    once = np.zeros(kinds["group"].max() + 1, dtype=bool)
    once[kinds.loc[kinds["once"] == "yes", "group"]] = True
    return once
