"""The data dictionary page, written from the contract itself."""

from analysis.register.contract.schema import SCHEMAS

TITLES = {
    "cases": "Cases: one row a tumour",
    "population": "Population",
    "life_table": "Life table",
    "counts": "Counts, where a registry sends them instead of children",
}


def data_dictionary() -> str:
    """The page ``docs/data-dictionary.md``: every column of the four tables, in Markdown.

    Examples
    --------
    >>> print(data_dictionary().splitlines()[0])
    # Data dictionary
    """
    lines = [
        "# Data dictionary",
        "",
        "Written by `workbench dictionary` from `src/analysis/register/contract/schema.py`;",
        "do not edit it by hand.",
        "Codes and dates that an extract writes otherwise are translated by a mapping.",
        "Where a date is not sent, its coarse form (year, completed years, days) serves.",
    ]
    for table, schema in SCHEMAS.items():
        lines += [
            "",
            f"## {TITLES[table]}",
            "",
            "| column | required | meaning | values |",
            "| --- | --- | --- | --- |",
        ]
        for name, column in schema.columns.items():
            required = "yes" if column.required else ""
            # A bar would end the cell of the Markdown table.
            values = column.metadata["values"].replace("|", "\\|").removeprefix("must be ")
            lines.append(f"| `{name}` | {required} | {column.description} | {values} |")
        rules = [check.error for check in schema.checks]
        lines += ["", "Rules over rows:", "", *(f"- {rule}" for rule in rules)]
    return "\n".join(lines) + "\n"
