"""What is recorded: the tumour's codes and stage, its basis of diagnosis, treatment and relapse."""

import numpy as np
import pandas as pd

from analysis.register.demonstration.incidence import ADOLESCENT
from analysis.register.demonstration.population import read_demonstration
from analysis.terms import DAYS_PER_YEAR, DEATH_CERTIFICATE_ONLY

BASES = (1, 2, 4, 5, 6)
HISTOLOGY, UNKNOWN_BASIS = 7, 9
PAIRED_SITES = ("C07", "C34", "C40", "C49.1", "C49.2", "C56", "C62", "C64", "C69", "C74")
BILATERAL_RETINOBLASTOMA = 0.3
MDT_FROM, MDT_HELD = 2019, 0.85
ADOLESCENTS_IN_PROTOCOL = 0.6  # as a share of what is usual in children
STAGE_MISSING, HOSPITAL_MISSING = 0.05, 0.01
ANSWER_UNKNOWN, SIDE_UNKNOWN, BASIS_UNKNOWN = 0.02, 0.03, 0.003
TREATMENTS = ("surgery", "chemotherapy", "radiotherapy")
NOTICE_DAYS, NOTICE_SPREAD = 60, 1.1
RELAPSE_BEFORE_DEATH = 0.75
RELAPSE_ON_THE_WAY = 0.3, 0.85  # of the time from diagnosis to death of the disease
CURED_RELAPSE_YEARS, CURED_RELAPSE_SPREAD = 1.5, 0.7


def draw_rows(
    table: pd.DataFrame, by: list[str], children: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """For each child one row of the table, by its shares among the rows of her stratum.

    Returns the table's other columns on the children's index, missing where it has no such stratum.
    """
    number, strata = pd.MultiIndex.from_frame(table[by]).factorize()
    order = np.argsort(number, kind="stable")
    table, number = table.iloc[order], number[order]
    # Stratum 3 fills the line from 3 to 4, so that one search serves the children of all strata.
    shares = table["share"].groupby(number)
    edges = number + (shares.cumsum() / shares.transform("sum")).to_numpy().round(9)
    stratum = strata.get_indexer(pd.MultiIndex.from_frame(children[by]))
    # Just below 1: rounding must not carry a draw into the stratum that follows.
    point = stratum + rng.random(len(children)) * (1 - 1e-9)
    drawn = np.minimum(np.searchsorted(edges, point, side="right"), len(table) - 1)
    rows = table.drop(columns=[*by, "share"]).iloc[drawn].set_axis(children.index)
    return rows.where(pd.Series(stratum >= 0, index=children.index), None)


def add_tumour(children: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Add ``topography morphology behaviour grade stage`` and ``stage_risk`` to each tumour.

    ``stage_risk`` is the stage's risk of a fatal course over the subgroup's mean, 1 without a stage:
    survival by subgroup stays what it is, and differs by stage.
    """
    codes = {"topography": str, "morphology": str, "grade": object}
    tumours = _for_both_sexes(read_demonstration("tumours", dtype=codes))
    coded = draw_rows(tumours, ["subgroup", "sex"], children, rng)
    coded["grade"] = coded["grade"].where(coded["grade"].notna(), None)
    staged = draw_rows(_stages(), ["subgroup", "age"], children, rng)
    staged["stage_risk"] = staged["stage_risk"].astype(float).fillna(1.0)
    return pd.concat([children, coded.astype({"behaviour": "Int64"}), staged], axis=1)


def add_diagnosis(tumours: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Add ``basis_of_diagnosis`` and ``laterality``; leave a few stages missing."""
    shares = _clinical(tumours, [f"basis_{basis}" for basis in BASES])
    shares = np.column_stack([shares, 1 - BASIS_UNKNOWN - shares.sum(axis=1)])
    chosen = (rng.random(len(tumours))[:, None] > shares.cumsum(axis=1)).sum(axis=1)
    basis = np.array([*BASES, HISTOLOGY, UNKNOWN_BASIS])[chosen]
    basis = np.where(tumours["autopsy_only"] == "yes", HISTOLOGY, basis)
    basis = np.where(tumours["certificate_only"], DEATH_CERTIFICATE_ONLY, basis)
    # Nobody stages a tumour that a death certificate alone tells of.
    by_certificate = tumours["certificate_only"].to_numpy(bool)
    missing = (rng.random(len(tumours)) < STAGE_MISSING) | by_certificate
    return tumours.assign(
        basis_of_diagnosis=pd.array(basis, dtype="Int64"),
        stage=tumours["stage"].mask(missing, None),
        laterality=_laterality(tumours, rng),
    )


def add_care(tumours: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Add the treating hospital, treatment modalities, MDT meeting and study protocol."""
    hospital = draw_rows(read_demonstration("hospitals"), ["region"], tumours, rng)["hospital"]
    adolescent = tumours["age"].to_numpy() >= ADOLESCENT
    usual = _clinical(tumours, ["study_protocol"])[:, 0]
    protocol = usual * np.where(adolescent, ADOLESCENTS_IN_PROTOCOL, 1)
    mdt = _answers(np.full(len(tumours), MDT_HELD), rng)
    dead_at_once = (tumours["certificate_only"] | (tumours["autopsy_only"] == "yes")).to_numpy(bool)
    care = {name: _answers(_clinical(tumours, [name])[:, 0], rng) for name in TREATMENTS}
    care |= {"mdt_meeting": np.where(tumours["year"] >= MDT_FROM, mdt, "unknown")}
    care |= {"study_protocol": _answers(protocol, rng)}
    # A child whose tumour was found after death had no treatment for it that could be recorded.
    for answer in care.values():
        answer[dead_at_once] = "unknown"
    return tumours.assign(
        hospital=hospital.mask(rng.random(len(tumours)) < HOSPITAL_MISSING, None), **care
    )


def add_registration(tumours: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Add ``registration_date``: most tumours within weeks, a few after more than a year, some dates unknown."""
    delay = np.floor(NOTICE_DAYS * np.exp(NOTICE_SPREAD * rng.standard_normal(len(tumours))))
    date = tumours["diagnosis_date"] + pd.to_timedelta(delay, unit="D")
    return tumours.assign(registration_date=date.mask(rng.random(len(tumours)) < ANSWER_UNKNOWN))


def add_relapse(children: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Add ``relapse`` and ``relapse_date``: before most deaths of the disease, and in some of the cured."""
    fatal = np.isfinite(children["disease_days"].to_numpy())
    days = _relapse_days(children, fatal, rng)
    if_cured = _clinical(children, ["relapse_if_cured"])[:, 0]
    chance = np.where(fatal, RELAPSE_BEFORE_DEATH, if_cured)
    followed = (children["last_contact_date"] - children["diagnosis_date"]).dt.days.to_numpy()
    relapsed = (rng.random(len(children)) < chance) & (days < followed)
    # Without any follow-up nobody knows whether there was a relapse.
    unknown = (rng.random(len(children)) < ANSWER_UNKNOWN) | (followed == 0)
    date = children["diagnosis_date"] + pd.to_timedelta(np.floor(days), unit="D")
    return children.assign(
        relapse=np.select([unknown, relapsed], ["unknown", "yes"], "no").astype(object),
        relapse_date=date.where(relapsed & ~unknown),
    )


def _relapse_days(
    children: pd.DataFrame, fatal: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Days from diagnosis to relapse, if there is one."""
    until_death = np.where(fatal, children["disease_days"], 0)
    before_death = until_death * rng.uniform(*RELAPSE_ON_THE_WAY, len(children))
    spread = np.exp(CURED_RELAPSE_SPREAD * rng.standard_normal(len(children)))
    return np.where(fatal, before_death, DAYS_PER_YEAR * CURED_RELAPSE_YEARS * spread)


def _for_both_sexes(tumours: pd.DataFrame) -> pd.DataFrame:
    """Rows without a sex stand for boys and girls."""
    either = tumours["sex"].isna()
    return pd.concat(
        [tumours[~either], tumours[either].assign(sex="male"), tumours[either].assign(sex="female")]
    )


def _stages() -> pd.DataFrame:
    """Stages by subgroup and single year of age, each with its risk over the mean of its stratum."""
    stages = read_demonstration("stage", dtype={"stage": str})
    ages = [
        range(first, last + 1)
        for first, last in zip(stages["youngest"], stages["oldest"], strict=True)
    ]
    stages = stages.assign(age=ages).explode("age").astype({"age": int}).reset_index(drop=True)
    weighted = (stages["share"] * stages["relative_risk"]).groupby(
        [stages["subgroup"], stages["age"]]
    )
    mean = weighted.transform("sum") / stages.groupby(["subgroup", "age"])["share"].transform("sum")
    stages["stage_risk"] = stages["relative_risk"] / mean
    return stages[["subgroup", "age", "stage", "stage_risk", "share"]]


def _clinical(children: pd.DataFrame, columns: list[str]) -> np.ndarray:
    """Shares of the subgroup's children: rows of children × columns of the clinical table."""
    clinical = read_demonstration("clinical").set_index("subgroup")
    return clinical[columns].to_numpy(float)[clinical.index.get_indexer(children["subgroup"])]


def _answers(share: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """ "yes" with the given chance, else "no"; a few unknown."""
    unknown = rng.random(len(share)) < ANSWER_UNKNOWN
    yes = rng.random(len(share)) < share
    return np.select([unknown, yes], ["unknown", "yes"], "no").astype(object)


def _laterality(tumours: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    paired = tumours["topography"].str.startswith(PAIRED_SITES).to_numpy(bool)
    bilateral = rng.random(len(tumours)) < BILATERAL_RETINOBLASTOMA
    in_both_eyes = (tumours["subgroup"] == "V") & bilateral
    # Stage V of a Wilms tumour is by definition one in both kidneys.
    in_both_kidneys = (tumours["subgroup"] == "VI(a)") & (tumours["stage"] == "V")
    drawn = rng.random(len(tumours))
    conditions = [
        ~paired,
        drawn < SIDE_UNKNOWN,
        in_both_eyes | in_both_kidneys,
        drawn < (1 + SIDE_UNKNOWN) / 2,
    ]
    return np.select(conditions, ["none", "unknown", "bilateral", "left"], "right").astype(object)
