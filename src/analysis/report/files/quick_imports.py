"""nbformat without the second that its optional URI grammars cost.

JupyterLab installs ``jsonschema[format-nongpl]``, whose ``rfc3987_syntax`` compiles 35 grammars at
import. A notebook holds no URI to check: a module that needs nbformat takes it from here.
"""

import sys

if "jsonschema" not in sys.modules:
    sys.modules.setdefault("rfc3987_syntax", None)

import nbformat
import nbformat.v4

__all__ = ["nbformat"]
