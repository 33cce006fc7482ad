"""Where the answers of R lie: the project's own, and a wider set that may stand beside the repository."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

ORACLE = Path(__file__).resolve().parents[1] / "oracle"
SHARED = Path(__file__).resolve().parents[2] / ".." / "shared"
KNOWN_AS = {
    "time": "time_days",
    "n_risk": "at_risk",
    "n_event": "events",
    "n_censor": "censored",
    "surv": "survival",
}


@pytest.fixture
def oracle():
    return lambda name: pd.read_csv(ORACLE / f"{name}.csv")


@pytest.fixture
def golden():
    def read(name):
        path = SHARED / "golden" / f"{name}.csv"
        if not path.exists():
            pytest.skip(f"no {name}.csv in the shared folder beside the repository")
        return pd.read_csv(path).rename(
            columns={**KNOWN_AS, "std_err": "standard_error", "conf_type": "interval"}
        )

    return read


@pytest.fixture
def shared_table():
    def read(name):
        path = SHARED / name
        if not path.exists():
            pytest.skip(f"no {name} in the shared folder beside the repository")
        return pd.read_csv(path, sep="\t")

    return read


@pytest.fixture
def example(golden):
    """Follow-up of a data set that ships with R, with the stratum named ``group`` as R names it."""

    def wilms(factor):
        path = SHARED / "data" / "nwts_wilms.csv"
        if not path.exists():
            pytest.skip("no nwts_wilms.csv in the shared folder beside the repository")
        rows = pd.read_csv(path)
        group = f"{factor}=" + rows[factor].astype(str)
        return pd.DataFrame({"follow_up_days": rows["edrel"], "event": rows["rel"], "group": group})

    def read(name):
        if name.startswith("nwtco"):
            return wilms(name.split("_")[-1])
        rows = golden(f"data/survival_{name.split('_')[0]}").rename(
            columns={"time_days": "follow_up_days"}
        )
        if name.startswith("heart"):
            rows = rows.rename(columns={"start": "entry_days", "stop": "follow_up_days"})
            return rows.assign(group="transplant=" + rows["transplant"].astype(str))
        if name.startswith("veteran"):
            return rows.assign(event=rows["status"], group="celltype=" + rows["celltype"])
        group = "sex=" + rows["sex"].astype(str) if name == "lung_sex" else "all"
        return rows.assign(event=rows["status"] - 1, group=group)

    return read


@pytest.fixture
def agree():
    """Two tables hold the same numbers, missing in the same places."""

    def check(ours, theirs, columns, tolerance=1e-12, relative=0):
        assert len(ours) == len(theirs)
        for column in columns:
            np.testing.assert_allclose(
                ours[column].to_numpy(float),
                theirs[column].to_numpy(float),
                atol=tolerance,
                rtol=relative,
                err_msg=column,
            )

    return check


@pytest.fixture
def compared(oracle):
    """The invented children of ``answers_survival_comparison.R``, followed from diagnosis."""
    children = oracle("compared")
    return children.assign(event=(children["cause"] != "censored").astype(int)).drop(
        columns="entry_days"
    )


@pytest.fixture
def compared_causes(compared):
    """The same, with what they died of as their event."""
    return compared.assign(event=pd.Categorical(compared["cause"], ["censored", "cancer", "other"]))
