"""EXTRACT → VALID COHORT: read a registry's tables through a mapping, and hold them to the contract."""

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach(
    __name__,
    submod_attrs={
        "checks.check_counts": ["summarise_checks"],
        "checks.check_pages": ["describe_findings", "error_sentences", "write_check_report"],
        "checks.check_list": ["list_checks", "registry_checks"],
        "sources.database": ["count_in_database"],
        "contract.dictionary": ["data_dictionary"],
        "proposal.effects": ["describe_effects", "mapping_effects"],
        "sources.extracts": [
            "read_counts",
            "read_extract",
            "read_life_table",
            "read_population",
            "read_table",
        ],
        "intake": ["Intake", "is_large", "prepare_sources", "survey_table"],
        "mapping.layouts": ["known_layout"],
        "identity.opt_outs": ["leave_out_persons", "read_opt_outs"],
        "sources.prepared": ["keep_table", "read_opted_out"],
        "identity.privacy": ["find_identity_numbers", "require_no_identity_in_files"],
        "proposal.draft_mapping": ["propose_mapping"],
        "sources.pseudonyms": ["add_pseudonyms"],
        "contract.validation": [
            "validate_cases",
            "validate_counts",
            "validate_life_table",
            "validate_population",
        ],
        "sources.survey": ["survey_of"],
        "demonstration.cohort": [
            "demonstration_cases",
            "demonstration_life_table",
            "demonstration_population",
        ],
    },
)
