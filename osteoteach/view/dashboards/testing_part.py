"""The part of the page "What is the risk?" on who is tested, and when again."""

from __future__ import annotations

from collections.abc import Iterator

from osteoteach.model.patient import Patient
from osteoteach.model.retesting import RetestRule, retest_rules
from osteoteach.model.screening import screening_rules
from osteoteach.view.evidence_rows import RowsUsed, rows_used
from osteoteach.view.html import (
    bullet_list,
    citations,
    data_table,
    paragraph,
    prose,
    reference_list,
    screen_only,
)

__all__ = ["testing_rows", "testing_tables"]


def _again(patient: Patient) -> dict[str, tuple[RetestRule | None, RetestRule | None]]:
    """By body: its rule without a medicine, and on one that was just begun."""
    without = {rule.body: rule for rule in retest_rules(patient).rules}
    on_one = {rule.body: rule for rule in retest_rules(patient, years_on_treatment=0).rules}
    return {body: (without.get(body), on_one.get(body)) for body in {**without, **on_one}}


def _words(rule: RetestRule | None) -> str:
    return "" if rule is None else prose(rule.answer_in_words)


def testing_tables(patient: Patient) -> str:
    """What each body says of this person: test, and when again; then what studies found."""
    advice = screening_rules(patient).rules
    text = data_table("Who would test this person, if not measured yet", (
        "Body", "Says", "Why", "Source"), [
        (prose(one.body), prose(one.answer_in_words), prose(one.why),
         citations([one.source_id], "screening_rules", one.rule_id or "", one.body)
         if one.rule_id else "")
        for one in advice])
    rows = []
    for body, (without, on_one) in _again(patient).items():
        rule = without or on_one
        rows.append((prose(body), _words(without), _words(on_one), prose(rule.recommendation),
                     citations([rule.source_id], "retest_rules", rule.rule_id, body)))
    text += data_table("When to test again", (
        "Body", "Without a medicine", "On a medicine", "Its rule", "Source"), rows)
    text += paragraph("An empty cell: no rule of this body for that was read.")
    findings = retest_rules(patient).findings
    if findings:
        text += paragraph("What studies of repeated scans found without a medicine:")
    text += bullet_list(
        f"{prose(one.sentence)} "
        + citations([one.source_id], "retest_rules", one.rule_id, one.study)
        for one in findings)
    return screen_only(text + paragraph("Sources of these rules and findings:")
                       + reference_list(_sources(patient)))


def _sources(patient: Patient) -> list[str]:
    """Of the rules and findings that are shown."""
    again = [rule.source_id for pair in _again(patient).values() for rule in pair if rule]
    found = [one.source_id for one in retest_rules(patient).findings]
    first = [one.source_id for one in screening_rules(patient).rules if one.rule_id]
    return list(dict.fromkeys([*first, *again, *found]))


def testing_rows(patient: Patient) -> Iterator[RowsUsed]:
    """Rows of the evidence behind the two tables."""
    used = [one.rule_id for one in screening_rules(patient).rules if one.rule_id]
    if used:
        yield from rows_used("Who is tested", "screening_rules", used)
    again = [rule.rule_id for pair in _again(patient).values() for rule in pair if rule]
    again += [one.rule_id for one in retest_rules(patient).findings]
    yield from rows_used("When to test again", "retest_rules", list(dict.fromkeys(again)))
