"""The domain: people, their scans, their diagnosis, and how bone changes over time.

Plain Python: nothing here imports a widget, a chart or (unless a table or a
cohort is asked for) NumPy and pandas.
"""
