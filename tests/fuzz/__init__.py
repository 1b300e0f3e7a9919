"""Any input gives an answer or a sentence: the public functions and the file readers, fuzzed.

`make test` tries some dozens of inputs for each target, the same ones each time. `make fuzz`
goes on for minutes with new ones, and says how many it tried.
"""
