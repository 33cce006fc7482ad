"""EXTRACT → VALID COHORT: read a registry's tables through a mapping, and hold them to the contract."""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach(
    __name__,
    submod_attrs={
        "check_counts": ["summarise_checks"],
        "check_pages": ["describe_findings", "error_sentences", "write_check_report"],
        "checks": ["list_checks", "registry_checks"],
        "database": ["count_in_database"],
        "dictionary": ["data_dictionary"],
        "effects": ["describe_effects", "mapping_effects"],
        "extracts": ["read_counts", "read_extract", "read_life_table", "read_population", "read_table"],
        "intake": ["Intake", "is_large", "prepare_sources", "survey_table"],
        "layouts": ["known_layout"],
        "optouts": ["leave_out_persons", "read_opt_outs"],
        "prepared": ["keep_table"],
        "privacy": ["find_identity_numbers", "require_no_identity_in_files"],
        "proposal": ["propose_mapping"],
        "pseudonyms": ["add_pseudonyms"],
        "schema": ["validate_cases", "validate_counts", "validate_life_table", "validate_population"],
        "survey": ["survey_of"],
        "synthetic": ["demonstration_cases", "demonstration_life_table", "demonstration_population"],
    },
)
