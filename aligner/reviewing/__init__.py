"""Review: one reviewer over one corpus, in a notebook, a spreadsheet, or from Python."""
