"""From a department's file to a roster: any usual format, layout and heading, in a process of its own under limits.

`limited.read_file` starts `child`, which opens the file (`opening` → `excel`, `delimited`, `parquet`), finds its
columns (`columns`), writes the roster (`rosters`), checks it against the contract (`checking`) and prints the report
(`report`). `folders` reads a whole folder; `databases` pulls a roster from a database instead of a file.
"""
