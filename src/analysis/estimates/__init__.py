"""From counts to quantities with their uncertainty: rates, standardised rates, trends, survival, comparisons, shares.

Every function takes a table of counts made by ``analysis.counts`` and returns one row a stratum (or a stratum and
time), with an interval. What is undefined is missing, never a number.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach(
    __name__,
    submod_attrs={
        # How often?
        "rates.crude_rates": ["incidence_rate"],
        "rates.cumulative_rates": ["cumulative_rate"],
        "rates.standard_populations": ["standard_weights"],
        "rates.ages": ["select_ages"],
        "rates.standardisation": ["age_contributions", "age_standardised_rate"],
        "rates.indirect_standardisation": ["expected_cases", "standardised_incidence_ratio"],
        # Is it becoming more frequent?
        "trends.annual_change": ["annual_percent_change"],
        "trends.joinpoints": ["joinpoint"],
        "trends.segments": ["average_annual_percent_change", "fitted_trend"],
        "trends.smoothing": ["smooth_trend"],
        "trends.age_period_cohort_effects": [
            "age_period_cohort",
            "age_period_cohort_tests",
            "net_drift",
        ],
        "trends.unusual_year": ["observed_against_expected"],
        # Has the registry revised what it counted?
        "comparison.revisions": ["revised_count_test"],
        # Do rates differ?
        "rates.sex_ratios": ["sex_ratio"],
        "comparison.rate_comparison": ["rate_difference", "rate_ratio"],
        "rates.standardised_ratios": ["standardised_rate_ratio"],
        "comparison.heterogeneity": ["heterogeneity_test"],
        "comparison.funnel_limits_of_counts": ["funnel_curve", "funnel_limits"],
        "comparison.ranking": ["rank_interval"],
        # How many live with it?
        "survivors.point_prevalence": ["completed_prevalence", "completeness_index", "prevalence"],
        "survivors.projection": ["projected_survivors"],
        # How many survive?
        "survival.kaplan_meier_curve": ["kaplan_meier"],
        "survival.hazards": ["exponential_survival", "nelson_aalen"],
        "survival.survival_at_times": [
            "conditional_survival",
            "cumulative_incidence_at",
            "survival_at",
        ],
        "survival.quantiles": ["median_survival", "survival_quantile"],
        "survival.restricted_means": ["restricted_mean_difference", "restricted_mean_survival"],
        "survival.risk_sets": [
            "emptied_risk_sets",
            "end_where_emptied",
            "numbers_at_risk",
            "withhold_few_at_risk",
        ],
        "survival.competing_risks": [
            "cumulative_incidence_by_cause",
            "cumulative_incidence_function",
        ],
        # How many would survive if the cancer were the only cause of death?
        "relative_survival.life_tables": ["note_year_length"],
        "relative_survival.life_table_smoothing": ["smoothed_life_table"],
        "relative_survival.expected_survival_curve": ["expected_survival"],
        "relative_survival.estimators": ["net_survival"],
        "relative_survival.net_survival_at_times": [
            "conditional_net_survival",
            "fleming_harrington_form",
            "net_survival_at",
        ],
        "relative_survival.crude_mortality": ["crude_probability_of_death"],
        # Survival made comparable for age.
        "survival.age_standardisation": [
            "add_standard_weights",
            "age_standardised_survival",
            "survival_standard",
        ],
        "survival.weighted_curves": ["weighted_kaplan_meier"],
        # Does survival differ?
        "comparison.log_rank": ["log_rank_test", "observed_and_expected"],
        "comparison.gray": ["gray_test"],
        "relative_survival.net_comparison": ["net_log_rank_test"],
        "comparison.differences": ["survival_differences", "survival_heterogeneity"],
        "regression.cox": ["hazard_ratios", "term_tests"],
        "regression.proportionality": ["proportional_hazards_test"],
        "regression.time_splits": ["hazard_ratios_by_time", "split_follow_up"],
        "regression.covariates": ["without_children"],
        "regression.fine_gray": ["censor_other_causes", "fine_gray_weights"],
        # How good are the data, and the care?
        "quality": [
            "beside_counts",
            "follow_up_completeness",
            "proportion",
            "registry_completeness",
        ],
    },
)
