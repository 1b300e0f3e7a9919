"""Check question files and print what they come to: ``python -m ... FILE.yaml ...``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from osteoteach.errors import DataError
from osteoteach.teaching.questions.load import Question, questions_in
from osteoteach.teaching.questions.marking import mark, right_answer, with_unit
from osteoteach.teaching.questions.review import faults, longest_is_right


def told(question: Question) -> str:
    """One question with its right answer and what else was computed."""
    marking = mark(question, right_answer(question))
    lines = [f"{question.id} ({question.kind}, lesson {question.lesson})", f"  {question.prompt}",
             f"  right: {marking.right}"]
    lines += [f"    {note.text}" for note in marking.feedback]
    if question.kind == "number":
        traps = [with_unit(question, float(question.value(trap["value"])))
                 for trap in question.content["traps"]]
        lines.append(f"  traps: {'; '.join(traps)}")
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> int:
    """Check every file; 1 if anything is wrong."""
    wrong = 0
    for name in arguments:
        try:
            questions = questions_in(Path(name))
        except DataError as error:
            print(error)
            wrong += 1
            continue
        for one in questions:
            found = faults(one)
            wrong += len(found)
            print("\n".join(map(str, found)) if found else told(one))
        share = longest_is_right(questions)
        print(f"{name}: {len(questions)} questions; the right option is the longest in "
              f"{share:.0%} of the choices")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
