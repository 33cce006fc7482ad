from analysis.estimates import (
    hazard_ratios_by_time,
)


def cohort(oracle, model):
    rows = oracle("compared").assign(event=lambda rows: (rows["cause"] != "censored").astype(int))
    return rows.drop(columns="entry_days") if model == "plain" else rows


def estimated(ratios):
    """The rows that R names: without those of references."""
    return ratios[ratios["lower"].notna()].reset_index(drop=True)


def test_stretches_of_time_agree_with_coxph_of_a_split(oracle, agree):
    rows = cohort(oracle, "plain")
    ratios = hazard_ratios_by_time(rows, ["country", "sex"], [2], references={"sex": "female"})
    assert ratios["follow_up_interval"].drop_duplicates().tolist() == ["0–2", "2–"]
    answers = oracle("answer_cox_ratios").set_index("model")
    for stretch, part in (("early", "0–2"), ("later", "2–")):
        answer = answers.loc[stretch]
        ours = estimated(ratios[ratios["follow_up_interval"] == part])
        agree(ours, answer, ["hazard_ratio", "lower", "upper", "p_value"], 1e-10, 1e-9)
    assert ratios.query("term == 'sex'").groupby("follow_up_interval", observed=True)[
        "events"
    ].sum().sum() == sum(rows["event"])
