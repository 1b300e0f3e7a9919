"""The evidence tables: shipped ones are sound, damaged ones are refused with a place."""

import csv
import io
import json
import re
import shutil
from pathlib import Path

import pytest

from osteoteach.errors import DataError, InputError
from osteoteach.evidence import catalogue as module
from osteoteach.evidence import check_all, cite, data_folder, source, table, table_names

PACKAGE = Path(module.__file__).resolve().parent.parent
CATALOGUE = json.loads((data_folder() / "datapackage.json").read_text(encoding="utf-8"))
FIELDS = [(resource["name"], field) for resource in CATALOGUE["resources"]
          for field in resource["schema"]["fields"]]


def forget():
    """Empty the caches between two data folders."""
    module.catalogue.cache_clear()
    module.table.cache_clear()


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """A writable copy of ``data/`` that the reader takes for the real one."""
    folder = tmp_path / "data"
    shutil.copytree(data_folder(), folder)
    monkeypatch.setattr(module, "data_folder", lambda: folder)
    forget()
    yield folder
    forget()


def damage(folder, name, row, column, value, rehash=False):
    """Write ``value`` into one cell (the header is row 1); keep the hash true if asked."""
    path = folder / f"{name}.csv"
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))
    rows[row - 1][rows[0].index(column)] = value
    write(path, rows)
    if rehash:
        set_hash(folder, name)


def write(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def set_hash(folder, name):
    catalogue = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    for resource in catalogue["resources"]:
        if resource["name"] == name:
            resource["hash"] = module.digest((folder / resource["path"]).read_bytes())
    (folder / "datapackage.json").write_text(json.dumps(catalogue), encoding="utf-8")
    forget()


# The shipped tables ------------------------------------------------------------------


def test_every_table_passes_its_own_catalogue():
    """Schema, keys, references and hashes of all tables hold."""
    counts = check_all()
    assert set(counts) == set(table_names())
    assert min(counts.values()) > 0


def test_catalogue_and_folder_list_the_same_files():
    """No table without a description, no description without a table."""
    on_disk = {path.name for path in data_folder().glob("*.csv")}
    assert on_disk == {resource["path"] for resource in CATALOGUE["resources"]}


def test_every_source_can_be_found_by_a_reader():
    """A number whose source cannot be looked up does not ship."""
    lost = [row["source_id"] for row in table("sources")
            if not (row["pmid"] or row["doi"] or row["url"])]
    assert lost == []


def test_no_two_sources_are_the_same_publication():
    """One publication has one id."""
    for name in ("pmid", "doi"):
        values = [row[name].lower() for row in table("sources") if row[name]]
        assert len(values) == len(set(values)), name


def test_every_field_has_a_description():
    """The catalogue explains each column in words."""
    assert [f"{name}.{field['name']}" for name, field in FIELDS
            if len(field.get("description", "")) < 2] == []


def test_every_quantity_has_a_unit():
    """A number has a unit, or a column in its table gives the unit of each row."""
    units = {name for name, field in FIELDS
             if field["name"] in ("unit", "dose_unit", "threshold_unit", "kind",
                                     "measure")}
    units.add("recommended_intakes")  # the nutrient's name carries it: calcium_mg_day
    assert [f"{name}.{field['name']}" for name, field in FIELDS
            if field["type"] == "number" and not field.get("unit") and name not in units] == []


def test_every_table_has_a_licence_and_a_hash():
    """Any data tool can check what it got and what it may do with it."""
    for resource in CATALOGUE["resources"]:
        assert re.fullmatch(r"sha256:[0-9a-f]{64}", resource["hash"]), resource["name"]
        assert resource["licenses"][0]["name"] == "CC-BY-4.0"


def cited_ids():
    """Source ids in the key columns of the tables."""
    for name in table_names():
        for row in table(name):
            for column in ("source_id", "source_ids", "source_ids_a", "source_ids_b"):
                if name != "sources" and row.get(column):
                    yield from (part.strip() for part in row[column].split(";"))


def words_of_the_project():
    """Ids named in prose: in the code, and in notes of the tables."""
    code = "".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    notes = "".join(str(value) for name in table_names() if name != "sources"
                    for row in table(name) for value in row.values() if value)
    return set(re.findall(r"\w+", code + notes))


def test_every_source_supports_something():
    """A source that no table and no module cites has no place in the list."""
    used = set(cited_ids()) | words_of_the_project()
    assert [row["source_id"] for row in table("sources") if row["source_id"] not in used] == []


def test_source_ids_named_in_docstrings_exist():
    """``(source some_id)`` in the code leads to a row of sources.csv."""
    known = {row["source_id"] for row in table("sources")}
    named = {word for path in PACKAGE.rglob("*.py") for word in re.findall(
        r"\(sources? ([a-z_]+_\d{4})\)", path.read_text(encoding="utf-8"))}
    assert named
    assert named <= known


@pytest.mark.parametrize(("name", "value", "low", "high"), [
    ("untreated_loss", "change_pct_per_year", "low", "high"),
    ("lifestyle_effects", "value", "low", "high"),
    ("loss_variation", "sd_pct_per_year", "low", "high"),
    ("published_loss", "change_pct_per_year", "low", "high"),
])
def test_every_value_lies_inside_its_interval(name, value, low, high):
    """An interval that misses its own value is a slip of the pen."""
    for line, row in enumerate(table(name), start=2):
        if None not in (row[value], row[low], row[high]):
            assert row[low] <= row[value] <= row[high], f"{name}.csv row {line}"


def test_every_step_effect_has_a_time_constant():
    """A one-off gain needs to know how fast it comes."""
    assert [row["effect_id"] for row in table("lifestyle_effects")
            if row["kind"] == "step_pct" and row["time_constant_years"] is None
            and (row["value"] or row["high"])] == []


def test_loss_bands_follow_each_other_without_gap_or_overlap():
    """Each clock of the loss table covers its span once: a year belongs to one row."""
    clocks = {}
    for row in table("untreated_loss"):
        clocks.setdefault((row["sex"], row["site"], row["clock"]), []).append(
            (row["from_value"], row["to_value"]))
    spans = {"age": (20, 100), "age_before_menopause": (20, 100),
             "years_since_menopause": (-1, 10), "age_after_menopause": (20, 100)}
    assert len(clocks) == 3 * 3 + 3
    for (_, _, clock), bands in clocks.items():
        assert (bands[0][0], bands[-1][1]) == spans[clock]
        assert [low for low, _ in bands[1:]] == [high for _, high in bands[:-1]]


def test_reference_bands_of_age_do_not_overlap():
    """One age has one reference mean at a site."""
    seen = set()
    for row in table("bmd_reference"):
        if row["role"] == "age_matched":
            high = int(row["age_high_years"] or 110)
            for age in range(int(row["age_low_years"]), high + 1):
                key = (row["site"], row["sex"], row["population"], age)
                assert key not in seen
                seen.add(key)


def test_rows_are_read_only():
    """Nobody can change the evidence by accident."""
    with pytest.raises(TypeError):
        table("sources")[0]["year"] = 1900


# Damaged tables ----------------------------------------------------------------------


def refusal(name):
    with pytest.raises(DataError) as caught:
        table(name)
    return caught.value


@pytest.mark.parametrize(("column", "value", "rule", "found"), [
    ("mean_g_cm2", "0.8x", "must be of type number", "0.8x"),
    ("mean_g_cm2", "nan", "must be of type number", "nan"),
    ("mean_g_cm2", "inf", "must be of type number", "inf"),
    ("n", "409.5", "must be of type integer", "409.5"),
    ("mean_g_cm2", "8.58", "smaller than or equal to 1.5", 8.58),
    ("mean_g_cm2", "-0.858", "bigger than or equal to 0.3", -0.858),
    ("sex", "woman", "must be one of", "woman"),
    ("site", "neck", "must be one of", "neck"),
    ("sd_g_cm2", "", "must not be blank", None),
])
def test_a_bad_cell_is_refused_with_file_row_column_rule_and_value(
        copy, column, value, rule, found):
    """The maintainer is led to the very cell."""
    damage(copy, "bmd_reference", 3, column, value)
    error = refusal("bmd_reference")
    assert (error.file, error.row, error.column) == ("bmd_reference.csv", 3, column)
    assert rule in error.rule
    assert error.value == found
    assert str(error).startswith(f"data/bmd_reference.csv, row 3, column {column}: ")


@pytest.mark.parametrize(("name", "column", "value", "rule"), [
    ("guidelines", "keeps_earlier_diagnosis", "yes", "must be of type boolean"),
    ("sources", "checked_on", "22/11/2026", "must be of type date"),
    ("sources", "pmid", "PMC12", "must match pattern"),
    ("sources", "year", "1066", "bigger than or equal to 1980"),
])
def test_other_kinds_of_cell_are_checked_too(copy, name, column, value, rule):
    """Booleans, dates, patterns and years are typed as well."""
    damage(copy, name, 2, column, value)
    error = refusal(name)
    assert (error.row, error.column) == (2, column)
    assert rule in error.rule


def test_a_duplicate_key_is_refused_and_both_rows_are_named(copy):
    """Two rows for the same thing: nobody could say which is meant."""
    path = copy / "device_calibration.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([*lines, lines[2]]), encoding="utf-8")
    error = refusal("device_calibration")
    assert error.row == len(lines) + 1
    assert error.rule == "must be unique (also in row 3)"
    assert error.value == ("lumbar_spine", "lunar")


@pytest.mark.parametrize(("name", "column"), [
    ("device_calibration", "source_id"), ("untreated_loss", "source_ids")])
def test_an_unknown_source_is_refused(copy, name, column):
    """Every number leads to a row of sources.csv, in lists of sources too."""
    known = table(name)[0][column]
    damage(copy, name, 2, column, f"{known};nobody_1999" if column == "source_ids"
           else "nobody_1999", rehash=True)
    with pytest.raises(DataError) as caught:
        check_all()
    error = caught.value
    assert (error.file, error.row, error.column) == (f"{name}.csv", 2, column)
    assert error.value == "nobody_1999"
    assert "sources.csv" in error.rule


@pytest.mark.parametrize("change", [lambda row: row[:-1], lambda row: [*row, "one more"]])
def test_a_row_with_the_wrong_number_of_cells_is_refused(copy, change):
    """A lost or an added comma moves values under other headings."""
    path = copy / "loss_variation.csv"
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))
    rows[2] = change(rows[2])
    write(path, rows)
    set_hash(copy, "loss_variation")
    error = refusal("loss_variation")
    assert error.row == 3
    assert "must have 9 cells" in error.rule


def test_a_renamed_column_is_refused(copy):
    """The header is part of the schema."""
    damage(copy, "loss_variation", 1, "sd_pct_per_year", "sd")
    error = refusal("loss_variation")
    assert error.row == 1
    assert "sd_pct_per_year" in error.rule


def test_a_file_that_is_not_utf8_is_refused(copy):
    """A file saved by an old spreadsheet is not read as nonsense."""
    path = copy / "guidelines.csv"
    path.write_bytes(path.read_bytes().replace(b"WHO 1994", "Organisation Mondiale de la Santé"
                                               .encode("latin-1"), 1))
    set_hash(copy, "guidelines")
    error = refusal("guidelines")
    assert error.file == "guidelines.csv"
    assert "UTF-8" in error.rule


def test_a_changed_byte_is_noticed(copy):
    """0.858 turned into 0.859 is a valid cell; only the hash gives it away."""
    damage(copy, "bmd_reference", 2, "mean_g_cm2", "0.859", rehash=False)
    forget()
    error = refusal("bmd_reference")
    assert "SHA-256" in error.rule
    assert "make catalogue" in error.rule


def test_windows_line_ends_are_the_same_file(copy):
    """git may check out CRLF on Windows: the tables still load."""
    before = table("loss_variation")
    path = copy / "loss_variation.csv"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    forget()
    assert table("loss_variation") == before


def test_an_unknown_table_is_refused_with_the_known_names():
    """A wrong table name is answered with the list."""
    with pytest.raises(DataError, match="knows the tables sources, bmd_reference"):
        table("bmd_references")


def test_new_hashes_are_written_only_for_sound_tables(copy):
    """`make catalogue` takes an intended edit, and refuses a broken one."""
    damage(copy, "bmd_reference", 2, "n", "410", rehash=False)
    forget()
    assert module.rewrite_hashes() == ["bmd_reference"]
    forget()
    assert table("bmd_reference")[0]["n"] == 410
    kept = (copy / "datapackage.json").read_bytes()
    damage(copy, "bmd_reference", 2, "n", "many", rehash=False)
    forget()
    with pytest.raises(DataError):
        module.rewrite_hashes()
    assert (copy / "datapackage.json").read_bytes() == kept


# Citations ---------------------------------------------------------------------------


def test_a_reference_is_complete():
    """Vancouver style with DOI and PMID, for a paper whose record is complete."""
    reference = cite("gourlay_2012")
    assert reference.startswith("Gourlay ML, Fine JP")
    for part in ("Bone-density testing interval and transition to osteoporosis in older women.",
                 "N Engl J Med 2012;366", "doi:10.1056/NEJMoa1107142.", "PMID 22256806."):
        assert part in reference


def test_every_reference_reads_as_one():
    """No blank, no None and no doubled stop in any of them."""
    for row in table("sources"):
        reference = cite(row["source_id"])
        assert "None" not in reference
        assert ".." not in reference.replace("...", "")
        assert "  " not in reference
        assert row["title"].rstrip(".?") in reference
        assert source(row["source_id"]).link.startswith("https://") or row["url"]


def test_short_form_is_author_and_year():
    """Running text names the first author's family name, or the organisation."""
    assert source("looker_1998").short == "Looker 1998"
    for row in table("sources"):
        assert "None" not in source(row["source_id"]).short


def test_an_unknown_source_names_the_nearest():
    """A slip in an id is answered with the id that was meant."""
    with pytest.raises(InputError, match=r"Did you mean .*gourlay_2012") as caught:
        source("gourlay_2021")
    assert caught.value.value == "gourlay_2021"
    with pytest.raises(InputError, match=re.escape("See data/sources.csv")):
        source("???")
