"""Estimates to what a reader may see: small numbers withheld, then words, tables and figures.

Every function that a reader sees takes ``language`` and ``minimum`` (the smallest publishable count),
withholds first, and returns an :class:`Exhibit`. Nothing else goes into a public folder.
"""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach(
    __name__,
    submod_attrs={
        "columns": ["value_label"],
        "comparison_figures": ["expected_dots", "forest_plot", "slope_chart"],
        "curve_figures": ["curve_panels", "survival_curves"],
        "exhibit": ["Exhibit"],
        "fits": ["publish_fits"],
        "flows": ["suppress_flow"],
        "funnel_figures": ["funnel_plot"],
        "goals": ["add_goal", "say_goal", "say_verdicts"],
        "language": [
            "say_count",
            "say_date",
            "say_estimate",
            "say_interval",
            "say_limits",
            "say_number",
            "say_one_in",
            "say_p",
            "say_percent",
            "say_rate",
            "say_survival",
            "say_term",
            "say_value",
        ],
        "panels": ["nested_panels"],
        "publishing": ["publish"],
        "rate_figures": [
            "count_bars",
            "free_multiples",
            "rate_dots",
            "rate_lines",
            "small_multiples",
            "survival_dots",
        ],
        "style": ["spread", "style_of"],
        "suppression": ["suppress_counts", "suppress_curve", "suppression_marks"],
        "tables": ["flow_table", "record_table", "table"],
    },
)
