"""One file for each change of the schema; `revision` is the file name without .py."""
