"""Questions on a page: ``ask("id")`` for one, ``quiz(lesson=3)`` for several in a row."""

from __future__ import annotations

from osteoteach.view.questions.question_widget import QuestionWidget, ask
from osteoteach.view.questions.quiz import Quiz, quiz

__all__ = ["QuestionWidget", "Quiz", "ask", "quiz"]
