"""Reference pages that nobody types: tables, sources, commands, public names."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import click

import osteoteach
from osteoteach.commands.main import cli
from osteoteach.evidence import source, table
from osteoteach.evidence.catalogue import catalogue

__all__ = ["command_page", "data_page", "python_page", "sources_page"]

#: Where the names of the package root live, and what a reader looks for there.
GROUPS = {"model.patient": "A person", "model.plan": "A plan", "model.own_scans": "A plan",
          "model.densitometry": "Density", "model.vertebrae": "Density",
          "model.precision": "Density", "model.diagnosis": "Diagnosis",
          "model.diagnosis_cohort": "Diagnosis", "model.trajectory": "Bone over time",
          "model.reversal": "Bone over time", "evidence": "Evidence", "errors": "Errors"}


def data_page() -> str:
    """Every table with every field, its unit and its rule."""
    parts = ["# Data dictionary",
             "Written from `data/datapackage.json`. Read a table in Python with "
             '`osteoteach.table("NAME")`. Licence: CC BY 4.0.']
    for resource in catalogue()["resources"]:
        name, fields = resource["name"], resource["schema"]["fields"]
        parts.append(f"## {name}\n\n**{_cell(resource['title'])}.** "
                     f"{_cell(resource.get('description', ''))} {len(table(name)):,} rows, "
                     f"file `data/{resource['path']}`.{_keys(resource['schema'])}")
        parts.append("\n".join([
            "| Field | Type | Unit | What it holds | Rule |", "|---|---|---|---|---|",
            *(f"| `{one['name']}` | {one['type']} | {_cell(one.get('unit', ''))} "
              f"| {_cell(one.get('description', ''))} | {_rule(one)} |" for one in fields)]))
    return "\n\n".join(parts) + "\n"


def _keys(schema: dict) -> str:
    keys = schema.get("primaryKey", [])
    keys = [keys] if isinstance(keys, str) else keys
    told = f" One row per {', '.join(f'`{key}`' for key in keys)}." if keys else ""
    for foreign in schema.get("foreignKeys", []):
        fields = foreign["fields"]
        named = [fields] if isinstance(fields, str) else fields
        target = foreign["reference"].get("resource") or "itself"
        told += f" {', '.join(f'`{one}`' for one in named)} refers to `{target}`."
    return told


def _rule(field: dict) -> str:
    told = []
    for name, value in field.get("constraints", {}).items():
        if name == "enum":
            told.append("one of " + ", ".join(f"`{one}`" for one in value))
        elif value is True:
            told.append(name)
        elif value is not False:
            told.append(f"{name} `{value}`")
    return _cell("; ".join(told))


def _cell(text: object) -> str:
    """Text for a cell: a bar would end it."""
    return str(text).replace("|", "\\|").replace("\n", " ").replace("<", "&lt;").rstrip(".") \
        if text else ""


def sources_page() -> str:
    """Every source, with what was read of it and when it was checked."""
    rows = table("sources")
    read: dict[str, int] = {}
    for row in rows:
        read[row["what_was_read"]] = read.get(row["what_was_read"], 0) + 1
    counts = ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in read.items())
    parts = ["# Sources", f"{len(rows)} publications. What was read of them: {counts}. "
             "“Secondary” means read in a page that cites it. Every identifier was seen on a page "
             "together with the right title."]
    for row in sorted(rows, key=lambda row: row["source_id"]):
        one = source(row["source_id"])
        anchor = one.source_id.replace("_", "-")
        # A heading for each would put hundreds of entries into the contents.
        parts.append(f"(source-{anchor})=\n**`{one.source_id}`** "
                     f"[{_plain(one.reference)}]({one.link}) "
                     f"{one.design.replace('_', ' ').capitalize()}; "
                     f"read: {one.what_was_read.replace('_', ' ')}; checked {one.checked_on}.")
    return "\n\n".join(parts) + "\n"


def _plain(text: str) -> str:
    """Text without Markdown's own signs."""
    for sign in "\\[]*_<>`$":
        text = text.replace(sign, f"\\{sign}")
    return text


def command_page() -> str:
    """Every command with its options, as its help says."""
    parts = ["# The command line", "What `osteoteach --help` says, command by command."]
    parts += _commands(cli, ["osteoteach"])
    return "\n\n".join(parts) + "\n"


def _commands(command: click.Command, path: list[str]) -> Iterator[str]:
    context = click.Context(command, info_name=" ".join(path))
    if len(path) > 1:
        yield f"## {' '.join(path)}"
    yield f"```text\n{command.get_help(context)}\n```"
    if isinstance(command, click.Group):
        for name in sorted(command.commands):
            yield from _commands(command.commands[name], [*path, name])


def python_page() -> str:
    """The public names of the package root, from their docstrings."""
    parts = ["# Python",
             "The public names: `from osteoteach import diagnose`. Everything else may change "
             "without notice. Bad input raises `InputError`, which says the rule and what to do; "
             "a broken table raises `DataError`."]
    grouped: dict[str, list[str]] = {}
    for name, home in sorted(osteoteach._HOME.items()):
        grouped.setdefault(_group(home), []).append(name)
    for group in dict.fromkeys([*GROUPS.values(), *grouped]):
        if group in grouped:
            parts.append(f"## {group}")
            parts += [_documented(name) for name in grouped[group]]
    return "\n\n".join(parts) + "\n"


def _group(home: str) -> str:
    if home.startswith("view."):
        return "In a notebook"
    if home.startswith("teaching."):
        return "Cases and claims"
    return GROUPS.get(home, "Risk, harms and screening"
                      if home.startswith("model.") else "Population")


def _documented(name: str) -> str:
    value = getattr(osteoteach, name)
    if inspect.isclass(value):
        kind, options = "autoclass", ["   :members:"]
    else:
        kind, options = ("autofunction" if callable(value) else "autodata"), []
    return "\n".join(["```{eval-rst}", f".. {kind}:: osteoteach.{name}", *options, "```"])
