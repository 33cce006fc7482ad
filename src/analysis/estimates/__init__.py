"""From counts to quantities with their uncertainty: rates, standardised rates, trends, survival, comparisons, shares.

Every function takes a table of counts made by ``analysis.counts`` and returns one row a stratum (or a stratum and
time), with an interval. What is undefined is missing, never a number.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach(
    __name__,
    submod_attrs={
        # How often?
        "rates": ["incidence_rate"],
        "cumulative_rates": ["cumulative_rate"],
        "standard_populations": ["standard_weights"],
        "ages": ["select_ages"],
        "standardisation": ["age_contributions", "age_standardised_rate"],
        "indirect": ["expected_cases", "standardised_incidence_ratio"],
        # Is it becoming more frequent?
        "trends": ["annual_percent_change"],
        "joinpoints": ["joinpoint"],
        "segments": ["average_annual_percent_change", "fitted_trend"],
        "smoothing": ["smooth_trend"],
        "cohorts": ["age_period_cohort", "age_period_cohort_tests", "net_drift"],
        "surveillance": ["observed_against_expected"],
        # Has the registry revised what it counted?
        "revisions": ["revised_count_test"],
        # Do rates differ?
        "sexes": ["sex_ratio"],
        "rate_comparison": ["rate_difference", "rate_ratio"],
        "standardised_ratios": ["standardised_rate_ratio"],
        "heterogeneity": ["heterogeneity_test"],
        "funnel": ["funnel_curve", "funnel_limits"],
        "ranking": ["rank_interval"],
        # How many live with it?
        "point_prevalence": ["completed_prevalence", "completeness_index", "prevalence"],
        "survivor_projection": ["projected_survivors"],
        # How many survive?
        "survival": ["kaplan_meier"],
        "hazards": ["exponential_survival", "nelson_aalen"],
        "survival_summaries": ["conditional_survival", "cumulative_incidence_at", "survival_at"],
        "quantiles": ["median_survival", "survival_quantile"],
        "restricted_means": ["restricted_mean_difference", "restricted_mean_survival"],
        "risk_sets": ["emptied_risk_sets", "end_where_emptied", "numbers_at_risk", "withhold_few_at_risk"],
        "competing_risks": ["cumulative_incidence_by_cause", "cumulative_incidence_function"],
        # How many would survive if the cancer were the only cause of death?
        "life_tables": ["note_year_length"],
        "life_table_smoothing": ["smoothed_life_table"],
        "expected": ["expected_survival"],
        "relative_survival": ["net_survival"],
        "net_summaries": ["conditional_net_survival", "fleming_harrington_form", "net_survival_at"],
        "crude_mortality": ["crude_probability_of_death"],
        # Survival made comparable for age.
        "survival_standardisation": ["add_standard_weights", "age_standardised_survival", "survival_standard"],
        "standardised_curves": ["weighted_kaplan_meier"],
        # Does survival differ?
        "comparison": ["log_rank_test", "observed_and_expected"],
        "gray": ["gray_test"],
        "net_comparison": ["net_log_rank_test"],
        "differences": ["survival_differences", "survival_heterogeneity"],
        "proportional_hazards": ["hazard_ratios", "term_tests"],
        "proportionality": ["proportional_hazards_test"],
        "follow_up_splits": ["hazard_ratios_by_time", "split_follow_up"],
        "subdistribution": ["censor_other_causes", "fine_gray_weights"],
        # How good are the data, and the care?
        "quality": ["follow_up_completeness", "proportion", "registry_completeness"],
        "together": ["beside_counts"],
    },
)
