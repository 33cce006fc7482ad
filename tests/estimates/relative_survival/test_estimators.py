import numpy as np
import pandas as pd
import pytest

from analysis.counts import event_table
from analysis.errors import InputError, MissingStepError
from analysis.estimates import (
    fleming_harrington_form,
    kaplan_meier,
    net_survival,
    note_year_length,
)
from analysis.register import demonstration_life_table, read_life_table, validate_life_table

METHODS = ["pohar-perme", "ederer-1", "ederer-2", "hakulinen"]


PEER = {"ederer-1": "ederer1", "ederer-2": "ederer2"}


ESTIMATES = ["net_survival", "standard_error", "lower", "upper"]


COUNTS = ["time_days", "at_risk", "events", "censored"]


def a_table(rate=0.001, **columns):
    ages = pd.DataFrame({"age": range(0, 90), "mortality_rate": rate})
    sexes = pd.DataFrame({"sex": ["male", "female"]})
    return ages.merge(sexes, how="cross").assign(year=2000, **columns)


def children(size=80, seed=3, **columns):
    random = np.random.default_rng(seed)
    born = pd.Timestamp("1975-02-27") + pd.to_timedelta(random.integers(0, 9000, size), "D")
    diagnosed = born + pd.to_timedelta(random.integers(0, 22000, size), "D")
    frame = pd.DataFrame({"birth_date": born, "diagnosis_date": diagnosed})
    frame = frame.assign(
        sex=random.choice(["male", "female"], size),
        follow_up_days=random.integers(1, 3000, size).astype(float),
        event=random.integers(0, 2, size),
        group=random.choice(["A", "B", None], size),
    )
    return frame.assign(**columns)


def days_of(dates):
    return dates.to_numpy(dtype="datetime64[D]")


def completed_years(born, today):
    """By the calendar's months and days, as one would count on a page."""
    months = [date.astype("datetime64[M]") for date in (born, today)]
    day_of_month = [
        (date - month.astype("datetime64[D]")).astype(int)
        for date, month in zip((born, today), months, strict=True)
    ]
    whole_months = (months[1] - months[0]).astype(int) - (day_of_month[1] < day_of_month[0])
    return whole_months // 12


def day_by_day(cases, table, method):
    """The hazards by their definition: every child, every day, looked up by its age and the year on that day."""
    rates = table.set_index(["sex", "year", "age"])["mortality_rate"].sort_index().unstack()
    rates = np.stack([rates.loc[sex].to_numpy() for sex in ("female", "male")]) / 365.25
    born, diagnosed, sex = (
        days_of(cases["birth_date"]),
        days_of(cases["diagnosis_date"]),
        cases["sex"].eq("male").astype(int),
    )
    exits, died = cases["follow_up_days"].to_numpy(), cases["event"].eq(1).to_numpy()
    entry = cases["entry_days"].to_numpy() if "entry_days" in cases else np.zeros(len(cases))
    could_be = {"hakulinen": cases["potential_follow_up_days"], "ederer-1": np.inf}.get(
        method, exits
    ) + np.zeros(len(cases))
    met, population, found = np.zeros(len(cases)), 0.0, []
    for day in range(1, int(exits.max()) + 1):
        today = diagnosed + (day - 1)
        year = today.astype("datetime64[Y]").astype(int) + 1970 - table["year"].min()
        hazard = rates[
            sex,
            np.clip(year, 0, rates.shape[1] - 1),
            np.minimum(completed_years(born, today), rates.shape[2] - 1),
        ]
        here, could = (entry < day) & (exits >= day), (entry < day) & (could_be >= day)
        last, met = met, met + hazard
        sign = 1 if method == "pohar-perme" else -1
        if here.any() and method == "ederer-2":
            population += hazard[here].mean()
        elif here.any():
            population += sign * np.log(
                np.exp(sign * met[could]).sum() / np.exp(sign * last[could]).sum()
            )
        if (exits == day).any():
            weight, dies = (
                np.exp(met) if method == "pohar-perme" else np.ones(len(cases)),
                died & (exits == day),
            )
            at_risk = weight[here].sum()
            found.append(
                (
                    day,
                    weight[dies].sum() / at_risk,
                    population,
                    (weight[dies] ** 2).sum() / at_risk**2,
                )
            )
    return pd.DataFrame(found, columns=["time_days", "observed", "population", "variance"])


@pytest.fixture
def colrec(golden):
    cases = golden("data/derived_colrec_agegr")
    renamed = cases.rename(
        columns={
            "age": "age_at_diagnosis_days",
            "diag": "diagnosis_date",
            "time_days": "follow_up_days",
        }
    )
    table = golden("data/relsurv_slopop_ratetable_long")
    table = table.assign(mortality_rate=table["haz_day"] * 365.241)[
        ["sex", "year", "age", "mortality_rate"]
    ]
    return renamed.assign(
        event=cases["stat"], sex=cases["sex"].map({1: "male", 2: "female"}), code=cases["sex"]
    ), table


def read_at(curve, answer):
    """The curve's row at or before each time of the answer."""
    return curve.iloc[np.searchsorted(curve["time_days"], answer["time_days"], side="right") - 1]


TOLERANCES = {"ederer-1": 1e-12, "ederer-2": 2e-5, "hakulinen": 1e-3, "pohar-perme": 2e-3}


@pytest.mark.parametrize("convention", ["calendar", "relsurv"])
@pytest.mark.parametrize("method", METHODS)
def test_whole_cohort_agrees_with_relsurv(method, convention, golden, colrec, agree):
    cases, table = colrec
    table = note_year_length(table, 365.241) if convention == "relsurv" else table
    answers = golden("relative_net_survival__colrec_slopop").rename(
        columns={"survival": "net_survival"}
    )
    answers = answers[(answers["method"] == PEER.get(method, method)) & (answers["group"] == "all")]
    for interval in ("log", "log-log", "plain"):
        curve = net_survival(cases, table, method=method, interval=interval)
        for form, given in answers[answers["interval"] == interval].groupby("type"):
            shown = (
                curve
                if form == "kaplan-meier"
                else fleming_harrington_form(curve, interval=interval)
            )
            early = given[given["time_days"] <= 1827]
            agree(read_at(shown, early), early, ["net_survival", "lower", "upper"], 1e-4)
            agree(read_at(shown, given), given, ["net_survival", "lower", "upper"], 2e-4)
            agree(read_at(shown, given), given, ["standard_error"], 0, 1e-3)


@pytest.mark.parametrize("by", ["code", "site", "agegr"])
def test_strata_agree_with_relsurv(by, golden, colrec, agree):
    # Ederer I to rounding. Hakulinen and Pohar Perme are integrated coarsely there, the more so the sparser the exits.
    cases, table = colrec
    answers = golden("relative_net_survival__colrec_slopop").rename(
        columns={"survival": "net_survival"}
    )
    answers = answers[
        (answers["by"] == by.replace("code", "sex")) & (answers["type"] == "kaplan-meier")
    ]
    tolerances = {
        "ederer1": (1e-9, 1e-9),
        "ederer2": (1e-4, 1e-4),
        "hakulinen": (1e-4, 7e-4),
        "pohar-perme": (2e-4, 2e-3),
    }
    for (method, group), given in answers.groupby(["method", "group"]):
        rows = cases[cases[by].astype(str) == group.split("=")[-1]]
        ours = {peer: name for name, peer in PEER.items()}.get(method, method)
        curve = net_survival(rows, note_year_length(table), method=ours)
        early = given[given["time_days"] <= 1827]
        for answer, tolerance in zip((early, given), tolerances[method], strict=True):
            agree(read_at(curve, answer), answer, ["net_survival"], tolerance)


@pytest.mark.parametrize("method", METHODS)
def test_invented_children_agree_with_relsurv(method, oracle, agree):
    cases, table = oracle("net_children"), note_year_length(oracle("net_life_table"))
    answers = oracle("answer_net_curves").rename(columns={"survival": "net_survival"})
    answers = answers[
        (answers["method"] == PEER.get(method, method)) & (answers["net_survival"] > 0.05)
    ]
    for (group, interval), answer in answers.groupby(["group", "interval"]):
        rows = cases if group == "all" else cases[cases["group"] == group]
        curve = net_survival(rows, table, method=method, interval=interval)
        curve["error_of_log"] = curve["standard_error"] / curve["net_survival"]
        # relsurv's Hakulinen has rows at the ends of potential follow-up too.
        answer = answer[answer["time_days"].isin(curve["time_days"])]
        answer = answer.assign(
            lower=answer["lower"].clip(lower=0)
        )  # as a share that cannot be less than none
        found = read_at(curve, answer)
        agree(found, answer, ["at_risk", "events"])
        agree(found, answer, ["net_survival", "error_of_log"], TOLERANCES[method])
        agree(found, answer, ["lower", "upper"], 4 * TOLERANCES[method])


def test_integrated_over_each_day_relsurv_comes_near(oracle, agree):
    # What is left: relsurv lets a birthday that falls within a day wait for the next one.
    curve = net_survival(oracle("net_children"), note_year_length(oracle("net_life_table")))
    answer = oracle("answer_net_daily").rename(columns={"survival": "net_survival"})
    agree(read_at(fleming_harrington_form(curve), answer), answer, ["net_survival"], 2e-5)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("late", [False, True])
def test_it_is_the_definition_day_by_day(method, late):
    cases = children(40)
    cases["follow_up_days"] = np.ceil(cases["follow_up_days"] / 3)
    potential = cases["follow_up_days"] + np.where(cases["event"] == 1, 700, 0)
    cases = cases.assign(potential_follow_up_days=potential)
    if late:
        cases["entry_days"] = np.where(
            cases.index % 2 == 0, 0, np.floor(cases["follow_up_days"] / 2)
        )
    years = pd.DataFrame({"year": range(1985, 2031)})
    table = a_table(0.0).drop(columns="year").merge(years, how="cross")
    table["mortality_rate"] = 0.002 * np.exp(table["age"] / 20) * 0.98 ** (table["year"] - 1985)
    curve = net_survival(cases, table, method=method)
    curve = curve[curve["events"] + curve["censored"] > 0].reset_index(drop=True)
    reference = day_by_day(cases, table, method)
    assert curve["time_days"].tolist() == reference["time_days"].tolist()
    excess = reference["observed"].cumsum() - reference["population"]
    np.testing.assert_allclose(curve["excess_hazard"], excess, atol=1e-11)
    alive = curve["net_survival"] > 0
    error = np.sqrt(reference["variance"].cumsum())[alive]
    np.testing.assert_allclose(
        (curve["standard_error"] / curve["net_survival"])[alive], error, rtol=1e-11
    )
    if method in ("ederer-1", "hakulinen"):
        product = np.cumprod(1 - reference["observed"]) * np.exp(reference["population"])
        np.testing.assert_allclose(curve["net_survival"], product, atol=1e-11)


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("method", METHODS)
def test_without_other_mortality_it_is_kaplan_meier(method, late):
    cases = children(150)
    if late:
        cases["entry_days"] = np.floor(cases["follow_up_days"] / 3)
    curve = net_survival(cases, a_table(0.0), method=method, by=["group"], interval="log-log")
    survival = kaplan_meier(event_table(cases, ["group"]))
    pd.testing.assert_frame_equal(curve[["group", *COUNTS]], survival[["group", *COUNTS]])
    np.testing.assert_allclose(curve["net_survival"], survival["survival"], atol=1e-12)


def test_the_counts_are_those_of_the_event_table():
    cases, table = children(300), demonstration_life_table().query("country == 'NO'")
    curve = net_survival(cases, table, by=["group", "sex"])
    exits = curve[curve["events"] + curve["censored"] > 0]
    events = event_table(cases, ["group", "sex"])
    pd.testing.assert_frame_equal(
        exits[["group", "sex", *COUNTS]].reset_index(drop=True), events, check_like=True
    )
    assert len(curve) > len(exits)
    assert set(curve["time_days"]) - set(exits["time_days"]) <= {
        *np.floor(np.arange(1, 100) * 365.25 / 12)
    }


def test_order_of_rows_index_and_column_types_do_not_matter():
    cases, table = children(200), read_life_table("demo")
    cases = cases.assign(country=np.where(cases.index % 2 == 0, "NO", "DK"))
    curve = net_survival(cases, table, by=["country"])
    odd = cases.sample(frac=1, random_state=1).set_index(np.repeat([7, 7], 100))
    odd = odd.astype(
        {"sex": "category", "country": "category", "event": "Int8", "follow_up_days": "Int64"}
    )
    odd = odd.assign(birth_date=odd["birth_date"].dt.strftime("%Y-%m-%d"))
    other = net_survival(odd, table.sample(frac=1, random_state=2), by=["country"])
    np.testing.assert_allclose(other[ESTIMATES], curve[ESTIMATES], rtol=1e-12)
    assert other["country"].tolist() == curve["country"].tolist()
    pd.testing.assert_frame_equal(
        net_survival(cases.assign(event=cases["event"] == 1), table, by=["country"]), curve
    )


def test_a_stratum_is_as_it_would_be_alone():
    cases, table = (
        children(400).assign(group=np.arange(400) % 7),
        demonstration_life_table().query("country == 'SE'"),
    )
    together = net_survival(cases, table, by=["group"])
    for group, rows in cases.groupby("group"):
        alone, part = net_survival(rows, table), together[together["group"] == group]
        np.testing.assert_allclose(part[ESTIMATES], alone[ESTIMATES], rtol=1e-12)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("days", "events"),
    [
        ([], []),
        ([3], [0]),
        ([3], [1]),
        ([0.5] * 4, [1] * 4),
        ([0] * 2, [1, 0]),
        ([10, 4000], [0, 0]),
        ([9, 9000], [1, 1]),
    ],
    ids=[
        "nobody",
        "one censored",
        "one dead",
        "all dead at once",
        "on the day",
        "no event",
        "all dead",
    ],
)
def test_small_input_gives_neither_warning_nor_crash(days, events, method):
    cases = children(len(days)).assign(
        follow_up_days=np.array(days, dtype=float), event=np.array(events, dtype=int)
    )
    for interval in ("log", "log-log", "plain"):
        curve = net_survival(cases, a_table(), method=method, by=["group"], interval=interval)
        assert set(days) <= set(curve["time_days"])
        assert (curve["net_survival"] >= 0).all()
    assert net_survival(cases.drop(columns="group"), a_table(), method=method)["at_risk"].min() != 0


def test_net_survival_may_exceed_one():
    curve = net_survival(children(50).assign(event=0), a_table(0.05), interval="log-log")
    assert (curve["net_survival"] > 1).all()
    assert curve[["lower", "upper"]].isna().all(axis=None)
    assert net_survival(children(50).assign(event=0), a_table(0.05))["lower"].gt(1).all()


def test_what_cannot_be_is_refused():
    cases, table = children(5), a_table()
    for wrong in ({"method": "relative"}, {"interval": "logit"}, {"confidence": 95}):
        with pytest.raises(InputError):
            net_survival(cases, table, **wrong)
    with pytest.raises(MissingStepError, match="follow_up_days"):
        net_survival(cases.drop(columns="follow_up_days"), table)
    with pytest.raises(MissingStepError, match="birth_date"):
        net_survival(cases.drop(columns="birth_date"), table)
    with pytest.raises(InputError, match="entry_days: must be before follow_up_days in 5 rows"):
        net_survival(cases.assign(entry_days=9999), table)
    with pytest.raises(InputError, match="potential_follow_up_days"):
        net_survival(cases.assign(potential_follow_up_days=1), table, method="hakulinen")
    relapse = cases.copy()
    relapse["outcome"] = "relapse"
    with pytest.raises(InputError, match="death from any cause"):
        net_survival(relapse, table)


def test_a_validated_life_table_is_read_as_it_is():
    table = validate_life_table(
        a_table(country="NO").assign(period="1998-2002").drop(columns="year")
    )
    cases = children(40).assign(country="NO")
    # The period is read as its middle year, so that the two end in other years: which ones is no part of the curve.
    of_period, of_year = (net_survival(cases, rates) for rates in (table, a_table()))
    notes = [column for column in (*of_period, *of_year) if column.startswith("life_table")]
    pd.testing.assert_frame_equal(
        of_period.drop(columns=notes, errors="ignore"), of_year.drop(columns=notes, errors="ignore")
    )
