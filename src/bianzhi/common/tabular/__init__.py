"""A district's own tables, read as they are: any usual file, layout and wording, without asking for a template.

The way of a file: `reading` → `recognising` (where is the header, which column is what) → `parsing` (typed rows,
problems by cell, control totals) → `annotating` (the same workbook with comments). What the columns of one kind of
file are called is data, declared with `kinds.ImportKind` by the app that imports it.
"""
