"""The kinds of files that people send us; of any other body API Gateway makes UTF-8."""

from __future__ import annotations

TABLES = ["text/csv", "multipart/form-data", "text/tab-separated-values", "application/csv"]
# The last two are what curl calls any file.
STATEMENTS = [
    "application/xml", "text/xml", "application/zip", "application/x-zip-compressed",
    "text/plain", *TABLES, "application/octet-stream", "application/x-www-form-urlencoded",
]  # fmt: skip
FILES = STATEMENTS
