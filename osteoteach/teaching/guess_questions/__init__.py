"""What each page asks before it answers, and why people miss there.

One module a page, so that a page reads nothing that only another one needs. Its function takes
what the page has computed anyway, so a question costs little, and puts it beside published
numbers that answer the same question.
"""

__all__: list[str] = []
