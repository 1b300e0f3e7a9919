"""Questions: every one of every file, and the machinery that reads, computes and marks them.

What reviewers cannot see at a glance is checked here: one right answer, an explanation for
each mistake, numbers that the model computes, and the gaps of ``learning_gaps.csv`` covered.
"""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osteoteach.errors import DataError, InputError
from osteoteach.evidence import table
from osteoteach.evidence.catalogue import data_folder
from osteoteach.evidence.documents import document_paths
from osteoteach.teaching.questions import (
    all_questions,
    mark,
    parallel_forms,
    question,
    questions_of,
    review_order,
)
from osteoteach.teaching.questions.__main__ import main
from osteoteach.teaching.questions.computed import COMPUTED, compute
from osteoteach.teaching.questions.forms import pairs
from osteoteach.teaching.questions.load import KINDS, questions_in, shown
from osteoteach.teaching.questions.marking import letters, right_answer, right_order
from osteoteach.teaching.questions.review import faults, longest_is_right

ALL = all_questions()
BY_KIND = {kind: [one for one in ALL if one.kind == kind] for kind in KINDS}


def each(kind=None):
    chosen = ALL if kind is None else BY_KIND[kind]
    return pytest.mark.parametrize("one", chosen, ids=lambda one: one.id)


# ---- every question ---------------------------------------------------------------------


@each()
def test_a_question_keeps_every_rule(one):
    """One right answer, own explanations, sources, people as told, values that compute."""
    assert faults(one) == ()


@each()
def test_the_right_answer_is_right_and_says_why(one):
    marking = mark(one, right_answer(one))
    assert marking.score == 1
    assert marking.feedback
    assert all(note.source_ids for note in marking.feedback)


@each("choice")
def test_every_wrong_option_has_its_own_explanation(one):
    """The mistake is explained first, the right option after it, without its "Yes"."""
    right = right_answer(one)["option"]
    seen = set()
    for letter in letters(one, "options"):
        marking = mark(one, {"option": letter})
        assert marking.score == (letter == right)
        if letter != right:
            assert len(marking.feedback) == 2
            assert not marking.feedback[1].text.startswith("Yes")
        seen.add(marking.feedback[0].text)
    assert len(seen) == len(one.content["options"])


@each("number")
def test_a_trap_is_told_from_the_answer_and_from_other_numbers(one):
    """Each expected mistake meets its own explanation; anything else meets the last one."""
    notes = []
    for trap in one.content["traps"]:
        marking = mark(one, {"number": float(one.value(trap["value"]))})
        assert marking.score == 0
        notes.append(marking.feedback[0].text)
    other = mark(one, {"number": 987_654.3})
    assert other.score == 0
    assert len({*notes, other.feedback[0].text}) == len(notes) + 1


PLAUSIBLE = {"SD": (-6, 6), "g/cm²": (0.2, 2.5), "mg": (1, 5000), "IU": (1, 10_000),
             "times": (0.01, 200), "%": (-100, 1000), "years": (0, 60), "points": (-40, 60)}


@each("number")
def test_a_number_is_plausible_in_its_unit(one):
    answer, unit = right_answer(one)["number"], one.content["unit"]
    low, high = PLAUSIBLE.get(unit, (-1000, 10_000))
    assert low <= answer <= high, unit


@each("order")
def test_every_order_is_marked_and_every_wrong_one_explained(one):
    right = right_order(one)
    for order in itertools.permutations(right):
        marking = mark(one, {"order": list(order)})
        assert marking.feedback
        assert (marking.score == 1) == (order == right)
    assert mark(one, {"order": list(reversed(right))}).score == 0


@each("find_the_mistake")
def test_every_line_of_a_report_is_explained(one):
    scores = [mark(one, {"line": letter}).score for letter in letters(one, "lines")]
    assert sum(scores) == 1


@each("plan")
def test_a_mistaken_plan_scores_less_and_hears_why(one):
    for mistaken in one.content["mistaken_plans"]:
        marking = mark(one, {"courses": mistaken["courses"]})
        assert marking.score < 1
        assert marking.feedback[0].text.startswith("Not met: ")


def test_there_are_enough_questions_of_every_kind_and_lesson():
    """At least 120, in every lesson and of every kind."""
    assert len(ALL) >= 120
    assert all(count >= 5 for count in Counter(one.kind for one in ALL).values())
    assert set(Counter(one.kind for one in ALL)) == set(KINDS)
    lessons = Counter(one.lesson for one in ALL)
    assert sorted(lessons) == list(range(1, 12))
    assert min(lessons.values()) >= 8


def test_ids_are_unique_over_all_files():
    counts = Counter(one.id for one in ALL)
    assert [name for name, count in counts.items() if count > 1] == []


def test_every_measured_gap_is_asked_three_times_and_more():
    asked = Counter(gap for one in ALL for gap in one.gaps)
    assert {row["gap_id"] for row in table("learning_gaps") if asked[row["gap_id"]] < 3} == set()


@pytest.mark.parametrize("path", document_paths("questions"))
def test_length_does_not_give_the_answer_away(path):
    """In no file the right option is the longest in more than half of the choices."""
    assert longest_is_right(questions_in(data_folder() / path)) <= 0.5


# A number with a percent sign in an explanation: told in the question, or a definition.
TYPED = re.compile(r"(\d[\d.,]*)\s?%")
DEFINITIONS = {"95", "100"}
#: What learners or articles say, and numbers made up for an argument.
SAID = {"order_loss_by_phase", "ten_year_loss_in_sd", "loss_that_a_scan_can_find",
        "pause_after_tablets", "kidney_stones_of_calcium"}


@each()
def test_no_clinical_percent_is_typed_into_an_explanation(one):
    content = one.content
    told = json.dumps([content["prompt"], content.get("lines", []), content.get("report", ""),
                       [option["text"] for option in content.get("options", [])],
                       [check.get("with") for check in content.get("checks", [])]])
    notes = [part["feedback"] for key in ("options", "lines", "traps", "inversions")
             for part in content.get(key, ())]
    notes += [content[key]["feedback"] for key in ("right", "otherwise") if key in content]
    if one.id not in SAID:
        typed = {number for note in notes for number in TYPED.findall(note)}
        assert {number for number in typed - DEFINITIONS if number not in told} == set()


# ---- reading, and what is refused -----------------------------------------------------------

GOOD = """topic: test
title: For tests
questions:

- id: a_choice
  kind: choice
  lesson: 1
  objective: classify
  gaps: [t_score_cut_off]
  people:
    ana: {age_years: 67, sex: female, t_scores: {total_hip: -2.6}}
  prompt: Ana, 67, has a total hip T-score of -2.6. Which class?
  options:
  - text: Osteoporosis
    right: {computed: category, with: {person: ana, guideline: who_1994}, is: osteoporosis}
    feedback: Yes. The class begins at -2.5, and the lowest site that counts decides.
    sources: [who_1994]
  - text: Osteopenia
    feedback: You took the class above. It ends where osteoporosis begins, at -2.5.
    sources: [who_1994]
  - text: Normal
    feedback: Normal is -1.0 or above. Her score of {score} is far from it.
    sources: [who_1994]
  values:
    score: {computed: lowest_t_score, with: {person: ana}}

- id: a_number
  kind: number
  lesson: 1
  objective: say_how_sure
  prompt: What is the least significant change at the total hip?
  unit: "%"
  answer: {computed: least_significant_change_pct, with: {site: total_hip}}
  tolerance: {absolute: 0.2}
  traps:
  - value: {computed: precision_pct, with: {site: total_hip}}
    feedback: That is the precision error of one scan; a difference holds two of them.
    sources: [iscd_glossary]
  right:
    feedback: Yes, 2.77 times the precision error of the site that you follow.
    sources: [iscd_glossary]
  otherwise:
    feedback: Multiply the precision error by 2.77, which is 1.96 times the root of two.
    sources: [iscd_glossary]

- id: an_order
  kind: order
  lesson: 1
  objective: explain
  prompt: Order them.
  first: smallest
  last: largest
  items:
  - {id: one, text: One}
  - {id: two, text: Two}
  - {id: three, text: Three}
  inversions:
  - placed_first: two
    though_after: one
    feedback: One comes before two, because it is the smaller of the two numbers.
    sources: [who_1994]
  - placed_first: three
    though_after: two
    feedback: Two comes before three, because three is larger by exactly one.
    sources: [who_1994]
  right:
    feedback: Yes, that is the order in which people have always counted things.
    sources: [who_1994]
"""


@pytest.fixture
def write(tmp_path):
    def written(text):
        path = tmp_path / "own.yaml"
        path.write_text(text, encoding="utf-8")
        return path
    return written


def test_a_good_file_of_ones_own_is_read(write):
    found = questions_in(write(GOOD))
    assert [one.id for one in found] == ["a_choice", "a_number", "an_order"]
    assert [faults(one) for one in found] == [(), (), ()]
    assert found[0].version != found[1].version


@pytest.mark.parametrize(("old", "new", "line", "field"), [
    ("kind: number", "kind: nomber", 28, "questions[1].kind"),
    ("tolerance: {absolute: 0.2}", "tolerance: {absolute: small}", 34,
     "questions[1].tolerance.absolute"),
    ("lesson: 1", "lesson: 12", 7, "questions[0].lesson"),
    ("objective: classify", "objective: learn", 8, "questions[0].objective"),
    ("  unit: \"%\"\n", "", 27, "questions[1]"),
    ("  - text: Normal\n", "  - txt: Normal\n", 21, "questions[0].options[2]"),
    ("id: a_choice", "id: A choice", 5, "questions[0].id"),
])
def test_a_schema_error_names_file_line_and_field(write, old, new, line, field):
    """A teacher who writes a file by hand is told where to look."""
    assert old in GOOD
    with pytest.raises(DataError) as caught:
        questions_in(write(GOOD.replace(old, new, 1)))
    error = caught.value
    assert (error.file, error.row, error.column) == ("own.yaml", line, field)


@pytest.mark.parametrize(("old", "new", "which", "words"), [
    ("[t_score_cut_off]", "[t_score]", "a_choice.gaps", "gap_id of learning_gaps"),
    ("sources: [who_1994]", "sources: [who_1995]", "a_choice.options[0].sources", "who_1994"),
    ("is: osteoporosis", "is: normal", "a_choice.options", "exactly one right answer"),
    ("  - text: Osteopenia\n", "  - text: Osteopenia\n    right: true\n", "a_choice.options",
     "exactly one right answer"),
    ("- text: Normal", "- text: Osteopenia", "a_choice.options", "that differ"),
    ("{score}", "{skore}", "a_choice.options[2]", "values"),
    ("has a total hip T-score of -2.6", "has a bad hip", "a_choice.people.ana", "told in the"),
    ("age_years: 67", "age_years: 670", "a_choice.people", "0 to 110"),
    ("guideline: who_1994", "guidline: who_1994", "a_choice.options.right", "guidline"),
    ("computed: lowest_t_score", "computed: lowest_score", "a_choice.values.score",
     "lowest_t_score"),
    ("{computed: precision_pct, with: {site: total_hip}}",
     "{computed: least_significant_change_pct, with: {site: lumbar_spine}}", "a_number.traps[0]",
     "tolerances"),
    ("tolerance: {absolute: 0.2}", "tolerance: {absolute: 0.001}", "a_number.tolerance",
     "rounding"),
    ("placed_first: three", "placed_first: three_", "an_order.inversions[1]", "wrong order"),
    ("    feedback: That is the precision error of one scan; a difference holds two of them.",
     "    feedback: Wrong.", "a_number.traps[0].feedback", "must explain"),
    ("  values:\n", "  values:\n    unused: {computed: given, with: {number: 1}}\n",
     "a_choice.values", "used"),
])
def test_what_a_schema_cannot_hold_is_found_too(write, old, new, which, words):
    assert old in GOOD
    found = [error for one in questions_in(write(GOOD.replace(old, new, 1)))
             for error in faults(one)]
    assert found
    assert any(error.column == which and words in str(error) for error in found), found
    assert all(error.file == "own.yaml" and error.row for error in found)


PLAN = """topic: test
title: For tests
questions:
- id: a_plan
  kind: plan
  lesson: 8
  objective: plan
  people:
    ana: {age_years: 67, sex: female, menopausal_status: postmenopausal,
          t_scores: {total_hip: -2.6}}
  prompt: Ana, 67, has a total hip T-score of -2.6. Make a plan for five years.
  patient: ana
  medicines: [denosumab, alendronate]
  years: 5
  checks:
  - rule: change_at_least
    with: {site: total_hip, at_years: 5, pct: {computed: difference, with: {of: 3, minus: 2}}}
    passed: After five years the hip has changed by {then} in the model.
    failed: After five years the hip has changed by {then}; a plan that lasts brings more.
    sources: [who_1994]
  good_plan: [{medicine: alendronate, start_years: 0, end_years: 5}]
  mistaken_plans: [{courses: [], breaks: [change_at_least]}]
"""


def test_a_check_of_a_plan_may_be_computed(write):
    """`with` of a check is computed like every other value of a file."""
    one, = questions_in(write(PLAN))
    assert faults(one) == ()
    assert mark(one, {"courses": []}).score == 0
    assert mark(one, {"courses": list(one.content["good_plan"])}).score == 1


@pytest.mark.parametrize(("old", "new", "column", "words"), [
    ("of: 3, minus: 2", "of: 3, mnus: 2", "with.pct", "mnus"),
    ("pct: {computed: difference, with: {of: 3, minus: 2}}", "pct: {of: 3}", "with.pct", "number"),
    ("pct: {computed: difference, with: {of: 3, minus: 2}}", "pct: some", "with.pct", "number"),
    ("site: total_hip, at", "site: hip, at", "with.site", "femoral_neck"),
    ("site: total_hip, at_years: 5", "sight: total_hip, at_years: 5", "with", "sight"),
    ("rule: change_at_least", "rule: change_at_leest", "rule", "change_at_least"),
])
def test_a_check_that_cannot_be_used_names_file_line_and_field(write, old, new, column, words):
    """Also while an answer is marked: a teacher's slip is no Python error."""
    assert old in PLAN
    one, = questions_in(write(PLAN.replace(old, new, 1)))
    for ask in (lambda: mark(one, {"courses": []}), lambda: (_ for _ in ()).throw(faults(one)[0])):
        with pytest.raises(DataError, match=words) as caught:
            ask()
        error = caught.value
        assert (error.file, error.row) == ("own.yaml", 4)
        assert error.column == f"a_plan.checks[0].{column}"


def test_a_swap_that_nobody_explains_is_found(write):
    start = GOOD.index("  - placed_first: three")
    text = GOOD[:start] + GOOD[GOOD.index("  right:\n    feedback: Yes, that is the order"):]
    text = text.replace("  right:\n    feedback: Yes, that", """  - placed_first: three
    though_after: one
    feedback: Three is the largest of these numbers and cannot stand before one.
    sources: [who_1994]
  right:
    feedback: Yes, that""")
    found = faults(questions_in(write(text))[2])
    assert [error.column for error in found] == ["an_order.inversions"]


def test_the_authors_command_says_what_is_wrong(write, capsys):
    assert main([str(write(GOOD))]) == 0
    assert "right: 5.0%" in capsys.readouterr().out
    assert main([str(write(GOOD.replace("[t_score_cut_off]", "[t_score]")))]) == 1
    assert "own.yaml, row 5, column a_choice.gaps" in capsys.readouterr().out
    assert main([str(write("topic: [\n"))]) == 1
    assert "well-formed YAML" in capsys.readouterr().out


def test_an_unknown_id_names_the_nearest():
    with pytest.raises(InputError, match="hip_fracture_normal_bmd"):
        question("hip_fracture_normal_bmdd")
    assert question("hip_fracture_normal_bmd") in questions_of(gap="hip_fracture_diagnostic")
    with pytest.raises(InputError, match="must be asked for"):
        questions_of(lesson=12)


def test_a_version_follows_the_wording(write):
    first = questions_in(write(GOOD))[0].version
    assert first == questions_in(write(GOOD))[0].version
    assert first != questions_in(write(GOOD.replace("Which class?", "What class?")))[0].version


# ---- values ------------------------------------------------------------------------------------


def test_values_agree_with_the_model_by_hand():
    """(0.710 - 0.942) / 0.122 = -1.90; 2.77 x 1.8% = 5.0%; 19% less 36% is 14.6 to treat."""
    assert compute("t_score", {"bmd_g_cm2": 0.710, "site": "total_hip"}) == pytest.approx(
        -1.9016, abs=1e-4)
    assert compute("least_significant_change_pct", {"site": "total_hip"}) == pytest.approx(
        4.99, abs=0.005)
    assert compute("number_needed_to_treat", {"baseline_pct": 19, "relative_risk": 0.64}) == (
        pytest.approx(14.62, abs=0.01))
    assert compute("fewer_of", {"baseline_pct": 19, "relative_risk": 0.64}) == pytest.approx(68.4)
    assert compute("change_between_pct", {"first": 2, "second": 3}) == 50
    assert compute("spine_kept", {"levels": {"L1": -2.4, "L2": -2.2, "L3": -0.6, "L4": -2.3}}) == (
        "L1, L2 and L4")


def test_an_unknown_value_or_argument_is_refused():
    with pytest.raises(InputError, match="precision_pct"):
        compute("precision_pc", {})
    with pytest.raises(InputError, match="unexpected keyword argument 'place'"):
        compute("precision_pct", {"site": "total_hip", "place": 1})


def test_every_value_is_used_or_simple():
    """What no question names is at least callable with what it says it takes."""
    assert all(callable(function) for function in COMPUTED.values())
    text = "".join((data_folder() / path).read_text("utf-8") for path in
                   document_paths("questions"))
    used = {name for name in COMPUTED if f"computed: {name}" in text}
    assert len(used) > 20


@pytest.mark.parametrize(("value", "decimals", "signed", "text"), [
    (-2.04, 1, False, "−2.0"), (-0.04, 1, False, "0.0"), (0.04, 1, True, "0.0"),
    (2.45, 1, False, "2.5"), (1234.5, 0, False, "1,235"), (0.31, 2, True, "+0.31"),
    ("low_bone_mass", 1, False, "low bone mass (osteopenia)"), (True, 1, False, "yes"),
    (20, 0, False, "20"),
])
def test_a_value_is_printed_as_people_write_it(value, decimals, signed, text):
    assert shown(value, decimals, signed) == text


# ---- marking -------------------------------------------------------------------------------------


@given(st.sampled_from(ALL), st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.integers(),
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(
        st.sampled_from(["option", "number", "order", "line", "courses", "medicine"]), parts,
        max_size=2), max_leaves=6))
def test_nonsense_is_refused_or_marked(one, answer):
    """A browser can send anything: an InputError, or a score from 0 to 1."""
    try:
        marking = mark(one, answer)
    except InputError:
        return
    assert 0 <= marking.score <= 1


def test_a_number_within_the_tolerance_is_right(write):
    one = questions_in(write(GOOD))[1]
    assert mark(one, {"number": 5.15}).is_right
    assert not mark(one, {"number": 5.3}).is_right
    assert mark(one, {"number": 1.8}).feedback[0].text.startswith("That is the precision")
    assert mark(one, {"number": 40}).feedback[0].text.startswith("Multiply")
    assert mark(one, {"number": 5.13}).given == "5.13%"


def test_an_order_earns_what_it_is_better_than_chance(write):
    one = questions_in(write(GOOD))[2]
    scores = {order: mark(one, {"order": list(order)}).score
              for order in itertools.permutations(("one", "two", "three"))}
    assert scores["one", "two", "three"] == 1
    assert scores["two", "one", "three"] == pytest.approx(1 / 3)
    assert scores["three", "two", "one"] == 0


# ---- forms and review ---------------------------------------------------------------------------


def test_parallel_forms_share_ideas_and_no_question():
    before, after = parallel_forms(7)
    assert len(before) == len(after) == len(pairs()) >= 20
    assert not set(before) & set(after)
    assert {one.pair for one in before} == {one.id for one in after}
    assert parallel_forms(7) == (before, after)
    assert parallel_forms(8) != (before, after)


def test_a_short_form_still_asks_many_gaps():
    before, _ = parallel_forms(3, size=10)
    assert len(before) == 10
    assert len({gap for one in before for gap in one.gaps}) >= 6
    with pytest.raises(InputError, match="whole number from 1 to"):
        parallel_forms(3, size=500)


def test_twins_ask_the_same_thing():
    """Same kind, lesson, objective and gaps: else the two tests would not be parallel."""
    for first, second in pairs():
        for name in ("kind", "lesson", "objective"):
            assert getattr(first, name) == getattr(second, name), (first.id, second.id, name)
        assert set(first.gaps) == set(second.gaps), (first.id, second.id)


def test_a_pair_that_is_not_one_is_refused(write):
    text = GOOD.replace("  objective: say_how_sure", "  objective: say_how_sure\n  form: A\n"
                        "  pair: a_choice")
    with pytest.raises(DataError, match="names it back"):
        pairs(questions_in(write(text)))


def test_confident_mistakes_come_first_in_review():
    """Sure and wrong; unsure and wrong; never asked; right but unsure; right and sure."""
    some = ALL[:5]
    kept = [SimpleNamespace(item_id=some[4].id, score=0.0, confidence_pct=95),
            SimpleNamespace(item_id=some[3].id, score=0.5, confidence_pct=30),
            SimpleNamespace(item_id=some[1].id, score=1.0, confidence_pct=30),
            SimpleNamespace(item_id=some[0].id, score=0.0, confidence_pct=95),
            SimpleNamespace(item_id=some[0].id, score=1.0, confidence_pct=95)]
    assert review_order(some, kept) == (some[4], some[3], some[2], some[1], some[0])
