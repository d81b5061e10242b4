"""The review in a spreadsheet: a sheet goes out, and what somebody did in it comes back."""

XLSX, TSV = "xlsx", "tsv"
FORMATS = (XLSX, TSV)
