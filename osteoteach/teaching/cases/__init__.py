"""Virtual patients: written ones, and as many generated ones as a class needs.

`make_case` gives the same person for the same code on every machine. What a student orders,
reads, classifies, estimates and plans is marked in `marking` and `plan_marking`; `follow_up`
shows what the plan does in the model.
"""

from osteoteach.teaching.cases.case import Case, build_case
from osteoteach.teaching.cases.generated import make_case
from osteoteach.teaching.cases.session import CaseSession
from osteoteach.teaching.cases.written import written_case, written_case_ids

__all__ = ["Case", "CaseSession", "build_case", "make_case", "written_case", "written_case_ids"]
