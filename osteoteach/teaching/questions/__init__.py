"""Questions: read from ``data/questions``, computed by the model, marked with an explanation.

`load` reads them, `computed` works out their numbers, `marking` says what an answer is worth
and why, `forms` makes parallel tests and an order for review, `review` is what an author runs
over a new file. Plain Python: nothing here knows a widget.
"""

from __future__ import annotations

from osteoteach.teaching.questions.forms import (
    SHORT_SET,
    parallel_forms,
    review_order,
    short_set,
)
from osteoteach.teaching.questions.load import Question, all_questions, question, questions_of
from osteoteach.teaching.questions.marking import Feedback, Marking, mark

__all__ = ["SHORT_SET", "Feedback", "Marking", "Question", "all_questions", "mark",
           "parallel_forms", "question", "questions_of", "review_order", "short_set"]
