"""Why a chapter runs again, in words."""

from analysis.report.build.dependencies import changes


def test_changes_are_told_in_words():
    before = {
        "cells": {"": "1"}, "tables": {"cases_source": "1"}, "modules": {"cases/age.py": "1", "gone.py": "1"},
        "packages": {"pandas": "2.2.2"}, "parameters": {"years": "[1, 5]", "same": "1"},
    }  # fmt: skip
    now = {
        "cells": {"": "2"}, "tables": {"cases_source": "2"}, "modules": {"cases/age.py": "2", "gone.py": ""},
        "packages": {"pandas": "2.2.3"}, "parameters": {"years": "[1]", "same": "1", "new": "1"},
    }  # fmt: skip
    assert changes(before, now) == [
        "its code changed",
        "parameter new is new",
        "parameter years: [1, 5] → [1]",
        "table cases_source changed",
        "module cases/age.py changed",
        "module gone.py is gone",
        "package pandas: 2.2.2 → 2.2.3",
    ]
    assert changes(before, before) == []
