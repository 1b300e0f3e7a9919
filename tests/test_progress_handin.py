"""Answers that leave the computer: exports, hand-in files, keys, and hostile files."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from uuid import UUID

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from osteoteach.commands import main
from osteoteach.errors import InputError
from osteoteach.progress import handin, hostile
from osteoteach.progress.collect import collect, table_csv
from osteoteach.progress.exchange import answers_csv, answers_json, read_answers, statement
from osteoteach.progress.handin import handin_text, read_handin
from osteoteach.progress.keys import installation_key, new_class_key, read_class_key
from osteoteach.progress.problems import StoreProblem
from osteoteach.progress.records import checked
from osteoteach.progress.store import open_store
from tests.progress_contract import AWKWARD, answer

FORMULAS = ("=HYPERLINK(\"x\")", "+1", "-1", "@SUM(A1)", "'already", "'=both")


def ready(item: str = "q1", **changes):
    return checked(answer(item, **{"learner": "me", **changes}))


SEVERAL = (
    *(ready(item, learner=item, given={"text": f"{AWKWARD}\n\r\t,\";\x00", "n": 1.5})
      for item in (AWKWARD, *FORMULAS)),
    ready(score=None, confidence_pct=None, tags=(), given={}), ready(score=0.1 + 0.2),
    ready("claim", item_kind="claim"), ready("case", item_kind="case"),
    ready("guess", item_kind="guess", score=None))


@pytest.mark.parametrize(("name", "write"), [("a.csv", answers_csv), ("a.json", answers_json)])
def test_an_export_comes_back_without_loss(tmp_path, name, write):
    """Either format serves as a backup, whatever stands in the answers."""
    (tmp_path / name).write_text(write(SEVERAL), encoding="utf-8", newline="")
    assert read_answers(tmp_path / name) == SEVERAL


def test_no_cell_of_the_csv_is_a_formula():
    """A learner's name must not run in the instructor's spreadsheet."""
    import csv
    import io

    for row in csv.reader(io.StringIO(answers_csv(SEVERAL), newline="")):
        assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@"))]


IRI = re.compile(r"[a-z][a-z0-9+.-]*:\S+")


def test_statements_are_proper_xapi():
    """The rules of xAPI 1.0.3 (data): a UUID, addresses as names, a scaled score from -1 to 1,
    texts by language, and an agent with exactly one identifier."""
    for record in SEVERAL:
        said = json.loads(json.dumps(statement(record)))
        assert set(said) == {"id", "version", "timestamp", "actor", "verb", "object", "result",
                             "context"}
        assert str(UUID(said["id"])) == said["id"]
        assert said["version"] == "1.0.3"
        assert said["timestamp"] == record.answered_at
        assert set(said["actor"]) == {"objectType", "account"}
        assert said["actor"]["account"]["name"] == record.learner
        activities = said["context"]["contextActivities"]["category"]
        for name in (said["actor"]["account"]["homePage"], said["verb"]["id"],
                     said["object"]["id"], said["object"]["definition"]["type"],
                     *said["result"]["extensions"], *(tag["id"] for tag in activities)):
            assert IRI.fullmatch(name), name
        assert said["verb"]["id"] == "http://adlnet.gov/expapi/verbs/answered"
        assert set(said["object"]["definition"]["name"]) == {"en-US"}
        assert len(activities) == len(record.tags)
        result = said["result"]
        assert isinstance(result["response"], str)
        if record.score is None:
            assert not {"score", "success"} & set(result)
        else:
            assert result["score"] == {"scaled": record.score}
            assert result["success"] is (record.score == 1)


def test_the_statement_of_an_answer_is_always_the_same():
    """A record store that gets it twice keeps it once."""
    record = ready()
    assert statement(record) == statement(record)
    assert UUID(statement(record)["id"]).hex == record.answer_id
    odd = replace(record, answer_id="no uuid")
    assert statement(odd)["id"] == statement(odd)["id"] != statement(record)["id"]


BROKEN = {
    "empty.json": b"", "text.json": b"Dear diary", "nul.json": b'["\x00"]',
    "bytes.json": b"\xff\xfe",
    "object.json": b"{}", "number.json": b"[1e999]", "nan.json": b"[NaN]", "twice.json":
    b'[{"a": 1, "a": 2}]', "foreign.json": b'[{"verb": "x"}]', "deep.json": b"[" * 100_000,
    "deeper.json": b"[" * 500 + b"]" * 500, "digits.json": b"[" + b"9" * 100_000 + b"]",
    "head.csv": b"a,b\n1,2\n", "short.csv": answers_csv([]).encode() + b"1,2\n",
    "quote.csv": answers_csv([]).encode() + b'"1', "score.csv":
    answers_csv([ready()]).replace(",1.0,80,", ",7,80,").encode(),
    "large.csv": b"x" * (hostile.LARGEST_BYTES + 1),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_import_is_refused_with_the_files_name(tmp_path, name):
    """And nothing of it is kept."""
    (tmp_path / name).write_bytes(BROKEN[name])
    with pytest.raises(InputError) as told:
        read_answers(tmp_path / name)
    assert str(told.value).startswith(name)
    assert len(str(told.value)) < 400


def test_nesting_is_limited_well_below_what_the_parser_can_follow():
    """What comes after the parser walks through the values too, and must not run out of stack."""
    deepest = hostile.MOST_DEPTH - 1
    assert hostile.plain_json("a", "[" * deepest + "]" * deepest) is not None
    with pytest.raises(InputError, match="nested deeper than 40"):
        hostile.plain_json("a", '{"a":' * 41 + "1" + "}" * 41)


def test_an_error_names_the_line(tmp_path):
    """A file of a thousand lines needs a place."""
    lines = answers_csv([ready(f"q{n}") for n in range(5)]).splitlines()
    lines[3] = lines[3].replace(",80,", ",800,")
    (tmp_path / "a.csv").write_text("\n".join(lines))
    with pytest.raises(InputError, match=r"a.csv, line 4: confidence_pct must be .* 0 to 100"):
        read_answers(tmp_path / "a.csv")


@pytest.fixture
def keys(tmp_path):
    group = new_class_key(tmp_path / "class.key", "MED 4")
    return installation_key(tmp_path / "own"), group


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "class"
    made.mkdir()
    return made


def test_the_installation_key_is_made_once_and_is_private(tmp_path):
    """Two commands sign alike; nobody else can read the key, and no log shows it."""
    first, second = installation_key(tmp_path / "x"), installation_key(tmp_path / "x")
    file = tmp_path / "x" / "installation.key"
    assert first == second != installation_key(tmp_path / "y")
    assert file.stat().st_mode & 0o077 == 0
    assert list(file.parent.iterdir()) == [file]
    assert first.secret.hex() not in repr(first)
    assert file.read_text() not in f"{first} {first.key_id}"
    file.write_text("rubbish")
    with pytest.raises(StoreProblem, match="is damaged"):
        installation_key(tmp_path / "x")


def test_a_class_key_is_never_overwritten_and_others_are_refused(tmp_path, keys):
    """A lost key would make a term's files worthless."""
    assert read_class_key(tmp_path / "class.key") == keys[1]
    with pytest.raises(InputError, match="must be a new file"):
        new_class_key(tmp_path / "class.key", "again")
    for content in ('{"format": "osteoteach-class-key", "key": "ab"}', "[]", "x"):
        (tmp_path / "other.key").write_text(content)
        with pytest.raises(InputError, match=r"other\.key"):
            read_class_key(tmp_path / "other.key")


def test_a_hand_in_comes_back_whole_and_signed(tmp_path, keys):
    """Under the chosen name, with both signatures, and with nothing else about the learner."""
    text = handin_text(SEVERAL, "  Anna \n Ek ", *keys)
    (tmp_path / "a.json").write_text(text)
    found = read_handin(tmp_path / "a.json")
    assert found.learner == "Anna Ek"
    assert found.answers == tuple(replace(record, learner="Anna Ek") for record in SEVERAL)
    assert found.signed_by(keys[0])
    assert found.signed_by(keys[1])
    assert not found.signed_by(installation_key(tmp_path / "another"))
    assert set(json.loads(text)) == {"format", "version", "written_by", "made_at", "learner",
                                     "answers", "sha256", "installation", "class"}
    for secret in (key.secret.hex() for key in keys):
        assert secret not in text
    for name in ("", "x" * 201, "a\x00b"):
        with pytest.raises(InputError, match="learner"):
            handin_text(SEVERAL, name, *keys)


def changed(text: str, change) -> str:
    content = json.loads(text)
    change(content)
    return json.dumps(content)


def rehashed(content: dict) -> None:
    content["sha256"] = handin._hash(content)


TAMPERED = {
    "a score raised": lambda c: c["answers"][0].update(score=0.5),
    "another name": lambda c: c.update(learner="Ben"),
    "a field added": lambda c: c.update(extra=1),
    "a field lost": lambda c: c.pop("made_at"),
    "the hash cut": lambda c: c.update(sha256="ab"),
    "the hash no text": lambda c: c.update(sha256=5),
    "a newer version": lambda c: c.update(version=2),
    "version true": lambda c: c.update(version=True),
    "answers no list": lambda c: c.update(answers={}),
    "signature of the wrong kind": lambda c: c.update({"class": [1]}),
    "no installation": lambda c: c.update(installation=None),
    "score of the wrong type, rehashed":
        lambda c: (c["answers"][0].update(score="1"), rehashed(c)),
    "tags no list, rehashed": lambda c: (c["answers"][0].update(tags=None), rehashed(c)),
    "an answer twice, rehashed": lambda c: (c["answers"].append(c["answers"][0]), rehashed(c)),
    "another learner inside, rehashed":
        lambda c: (c["answers"][0].update(learner="Ben"), rehashed(c)),
    "no time, rehashed": lambda c: (c.update(made_at=""), rehashed(c)),
    "time a number, rehashed": lambda c: (c.update(made_at=5), rehashed(c)),
    "name a list, rehashed": lambda c: (c.update(learner=["x"], answers=[]), rehashed(c)),
    "not an answer, rehashed": lambda c: (c.update(answers=[None]), rehashed(c)),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_a_changed_file_is_refused(folder, keys, what):
    """Each way of changing it is found, and said in one line; the others are still read."""
    text = handin_text([ready(), ready("q2")], "Anna", *keys)
    (folder / "bad.json").write_text(changed(text, TAMPERED[what]))
    (folder / "good.json").write_text(handin_text([ready()], "Ben", *keys))
    bad, good = collect(folder)
    assert not bad.counts
    assert bad.hand_in is None
    assert bad.findings[0].startswith("not usable: ")
    assert "\n" not in bad.findings[0]
    assert good.counts


def test_who_rehashes_a_changed_file_fails_at_the_class_signature(folder, keys):
    """The hash alone stops accidents; the key stops those who do not have it."""
    text = handin_text([ready(score=0.0)], "Anna", *keys)
    (folder / "forged.json").write_text(changed(text, lambda c: (
        c["answers"][0].update(score=1.0), rehashed(c))))
    (folder / "unsigned.json").write_text(handin_text([ready()], "Ben", keys[0]))
    stranger = new_class_key(folder.parent / "other.key", "")
    (folder / "stranger.json").write_text(handin_text([ready()], "Cy", keys[0], stranger))
    (folder / "true.json").write_text(handin_text([ready()], "Di", *keys))
    findings = {one.file: (one.counts, one.findings[0]) for one in collect(folder, keys[1])}
    assert findings == {
        "forged.json": (False, "signed with another key, or changed"),
        "stranger.json": (False, "signed with another key, or changed"),
        "true.json": (True, "hash and class signature right"),
        "unsigned.json": (False, "not signed with the class key")}
    assert all(one.counts for one in collect(folder)), "without a key nobody is asked for one"


def test_hostile_files_do_not_stop_the_others(folder, keys):
    """50 MB, bombs, NUL bytes, links that lead out of the folder, folders with file names."""
    secret = folder.parent / "secret.json"
    secret.write_text(handin_text([ready()], "Secret", *keys))
    (folder / "link.json").symlink_to(secret)
    (folder / "loop.json").symlink_to(folder / "loop.json")
    (folder / "folder.json").mkdir()
    (folder / "folder.json" / "inside.json").write_text(handin_text([ready()], "In", *keys))
    for name, content in BROKEN.items():
        (folder / f"{name}.json").write_bytes(content)
    with (folder / "huge.json").open("wb") as huge:
        huge.truncate(50_000_000)
    found = {one.file: one for one in collect(folder)}
    assert [name for name, one in found.items() if one.counts] == ["folder.json/inside.json"]
    assert found["link.json"].findings == ("a link, not followed",)
    assert found["loop.json"].findings == ("a link, not followed",)
    assert "10,000,000 bytes" in found["huge.json"].findings[0]
    assert len(found) == len(BROKEN) + 4


def test_of_one_learner_the_last_file_counts(folder, keys):
    """Handed in twice, or the same file under two names."""
    from datetime import UTC, datetime

    early = handin_text([ready()], "Anna", *keys, now=datetime(2026, 11, 1, tzinfo=UTC))
    late = handin_text([ready()], "anna", *keys, now=datetime(2026, 11, 2, tzinfo=UTC))
    for name, text in (("1", early), ("2", late), ("3", late)):
        (folder / f"{name}.json").write_text(text)
    found = collect(folder)
    assert [one.counts for one in found] == [False, True, False]
    assert found[0].findings[-1] == "the same learner as in 2.json, which counts"
    assert found[2].findings[-1] == "the same file as 2.json, which counts"


def test_answers_shared_by_two_learners_are_pointed_out(folder, keys):
    """Ids are random, so one answer in two files was copied. Both still count: a person decides."""
    shared = ready()
    (folder / "a.json").write_text(handin_text([shared, ready()], "Anna", *keys))
    (folder / "b.json").write_text(handin_text([shared], "Ben", *keys))
    (folder / "c.json").write_text(handin_text([ready()], "Cy", *keys))
    anna, ben, cy = collect(folder)
    assert "1 of 2 answers are in another learner's file too" in anna.findings[-1]
    assert "1 of 1 answers" in ben.findings[-1]
    assert len(cy.findings) == 1
    assert all(one.counts for one in (anna, ben, cy))


def test_the_table_counts_tries_and_runs_no_formula(folder, keys):
    """One line an answer, the second answer to an item being try 2."""
    records = [ready("q1"), ready("q2"), ready("q1"), ready("q1", item_version="v2")]
    (folder / "a.json").write_text(handin_text(records, "=1+1", *keys))
    lines = table_csv(collect(folder)).splitlines()
    assert [line.split(",")[5] for line in lines] == ["try", "1", "1", "2", "1"]
    assert lines[1].startswith("a.json,'=1+1,question,q1,v1,1,1.0,80,gap-1 pre,")


_json = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
                     lambda inner: st.lists(inner, max_size=4)
                     | st.dictionaries(st.text(), inner, max_size=4), max_leaves=20)
_names = ["format", "version", "written_by", "made_at", "learner", "answers", "sha256",
          "installation", "class"]


@given(st.binary() | st.text().map(str.encode) | _json.map(lambda v: json.dumps(v).encode())
       | st.fixed_dictionaries(
           {"format": st.just("osteoteach-handin"), "version": st.just(1),
            **dict.fromkeys(_names[2:], _json)}).map(lambda v: json.dumps(v).encode()))
def test_any_bytes_are_a_hand_in_or_are_refused(tmp_path_factory, content):
    """No content raises anything but the error that teaches."""
    file = tmp_path_factory.getbasetemp() / "any.json"
    file.write_bytes(content)
    with pytest.raises(InputError):
        read_handin(file)


@pytest.fixture
def run(monkeypatch, tmp_path):
    monkeypatch.setenv("OSTEOTEACH_DATABASE_URL", f"sqlite:///{tmp_path}/db/p.sqlite3")
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("OSTEOTEACH_LEARNER", raising=False)
    monkeypatch.delenv("JUPYTERHUB_USER", raising=False)
    monkeypatch.chdir(tmp_path)
    return lambda *arguments, **options: CliRunner().invoke(main.cli, list(arguments), **options)


def test_progress_says_how_much_was_right_and_how_sure(run):
    """Weakest gap first, then confidence in words."""
    assert "No answer is kept yet" in run("progress").output
    for n in range(20):
        open_store().record(answer(f"q{n}", score=float(n % 4 == 0), confidence_pct=75,
                                   tags=("risk_numbers" if n % 2 else "drug_holiday",)))
    told = run("progress").output
    assert told.startswith("20 answers to 20 items, 20")
    assert "25% right, of 20 answers with a result." in told
    assert re.search(r"risk_numbers +10 +0%\n.*drug_holiday +10 +50%", told)
    assert "You are surer than your results allow, by 50 points" in told
    assert "No answer is kept yet" in run("progress", "--learner", "ben").output


@pytest.mark.parametrize("name", ["a.csv", "a.json"])
def test_export_and_import_go_round_and_twice_is_once(run, monkeypatch, tmp_path, name):
    """A second computer gets the same answers, in the same order."""
    for n in range(3):
        open_store().record(answer(f"q{n}", given={"text": AWKWARD}))
    kept = open_store().answers()
    assert run("progress", "export", name).output == f"3 answers written to {name}.\n"
    assert isinstance(run("progress", "export", name).exception, InputError)
    assert run("progress", "export", name, "--force").exit_code == 0
    monkeypatch.setenv("OSTEOTEACH_DATABASE_URL", f"sqlite:///{tmp_path}/db/second.sqlite3")
    assert "3 new answers kept; 0 were there" in run("progress", "import", name).output
    assert "0 new answers kept; 3 were there" in run("progress", "import", name).output
    assert open_store().answers() == kept
    assert isinstance(run("progress", "export", "a.txt").exception, InputError)


def test_from_a_student_to_the_report(run, tmp_path):
    """handin asks for the name, collect reads it, the report stands beside its table."""
    open_store().record(answer("q1"))
    assert run("classkey", "class.key", "--class", "MED 4").exit_code == 0
    (tmp_path / "in").mkdir()
    told = run("handin", "in/anna.json", "--class-key", "class.key", input="Anna\n").output
    assert "1 answer of Anna written to in/anna.json." in told
    assert "Signed with the class key." in told
    told = run("handin", "in/ben.json", "--name", "Ben").output
    assert "Not signed with a class key" in told
    told = run("collect", "in", "-o", "out.html", "--class-key", "class.key").output
    assert "not counted: in/ben.json" not in told
    assert "not counted: ben.json: not signed with the class key" in told
    assert "1 of 2 files count, 1 answer." in told
    assert "Anna" in (tmp_path / "out.html").read_text()
    assert (tmp_path / "out.csv").read_text().count("\n") == 2
    assert "--force" in str(run("handin", "in/anna.json", "--name", "X").exception)
    help_text = " ".join(run("handin", "--help").output.split())
    assert "Neither proves who answered" in help_text


def test_review_says_what_is_due_and_how_to_open_it(run):
    """A wrong answer of last week is due; a sure one of today is not."""
    assert "Nothing to review yet" in run("review").output
    open_store().record(answer("sure", confidence_pct=95))
    assert re.search(r"Nothing is due today\. Next: question sure on \d{4}", run("review").output)
    for item, kind in (("lsc", "question"), ("walking", "claim"), ("anna", "case")):
        open_store().record(answer(item, item_kind=kind, score=0.0,
                                   answered_at="2026-01-01T00:00:00+00:00"))
    told = run("review").output
    assert told.startswith("3 items due:")
    assert 'quiz(["lsc"])' in told
    assert "open the page claims" in told
    assert "open the page cases" in told


def test_a_command_says_that_a_damaged_file_was_put_aside(run, tmp_path):
    """On the error stream, once; the command itself goes on."""
    open_store().record(answer("q1"))
    from osteoteach.progress import database

    database.forget()
    for path in (tmp_path / "db").iterdir():
        path.write_bytes(b"")
    told = run("progress")
    assert told.exit_code == 0
    assert "was damaged (it is empty)" in told.stderr
    assert "No answer is kept yet" in told.stdout
    assert run("progress").stderr == ""


def test_the_doctor_looks_at_the_answers_and_changes_nothing(run, monkeypatch, tmp_path):
    """Where they are, whether the file is sound; nothing is made or put aside."""
    file = tmp_path / "db" / "p.sqlite3"
    assert f"none kept yet; they will be in {file}" in run("doctor").output
    assert not file.parent.exists()
    open_store().record(answer())
    assert f"kept in {file}" in run("doctor").output
    file.write_bytes(b"")
    told = run("doctor")
    assert f"{file} is damaged (it is empty)" in told.output
    assert told.exit_code == 1
    assert file.exists()
    monkeypatch.setenv("OSTEOTEACH_DATABASE_URL", "mysql://x")
    assert "names neither a SQLite file" in run("doctor").output


def test_a_store_problem_is_one_line_without_a_traceback(run, monkeypatch, tmp_path, capsys):
    """The same sentence as in a notebook."""
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("OSTEOTEACH_DATABASE_URL", f"sqlite:///{tmp_path}/file/p.sqlite3")
    monkeypatch.setattr("sys.argv", ["osteoteach", "progress"])
    with pytest.raises(SystemExit) as stopped:
        main.main()
    assert stopped.value.code == 2
    told = capsys.readouterr().err
    assert "cannot be written to" in told
    assert "Traceback" not in told
