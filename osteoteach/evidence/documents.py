"""Read YAML documents: questions, cases and scenario lists, each under a JSON Schema.

An error names the file, the line and the field, so that a teacher who writes a file by
hand can mend it. Files may come from strangers: only plain data are read (no tags, no
anchors), and no more than `LONGEST_BYTES`.

The documents that belong to the package lie in folders of ``data/`` and are listed, with
their schema and SHA-256, under ``documents`` in ``data/datapackage.json``;
``make catalogue`` checks them and writes the hashes.
"""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from osteoteach.errors import DataError
from osteoteach.evidence.catalogue import CATALOGUE, OTHER_FILE, catalogue, data_folder, digest

__all__ = ["document", "document_paths", "document_schema", "read_document"]

LONGEST_BYTES = 1_000_000
MOST_DEPTH = 30


def read_document(path: Path, schema: Mapping[str, Any]) -> Any:
    """The content of one YAML file, checked.

    Parameters
    ----------
    path : Path
        A UTF-8 YAML file with one document of mappings, lists, text, numbers, true/false.
    schema : mapping
        JSON Schema (draft 7).

    Returns
    -------
    dict or list

    Raises
    ------
    DataError
        The file cannot be read, is too large, is not YAML, uses tags or anchors, gives a
        key twice, or breaks the schema. It names the file, the line and the field.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "case.yaml"
    >>> _ = file.write_text("name: Anna\\nage_years: sixty\\n", encoding="utf-8")
    >>> rules = {"type": "object", "properties": {"age_years": {"type": "number"}}}
    >>> read_document(file, rules)
    Traceback (most recent call last):
    ...
    osteoteach.errors.DataError: data/case.yaml, row 2, column age_years: must be number; ...
    """
    name = _shown_name(path)
    try:
        # One byte more than allowed is enough to know, and no huge file is swallowed whole.
        with path.open("rb") as file:
            content = file.read(LONGEST_BYTES + 1)
    except OSError as error:
        raise DataError(name, "must be a file that can be read", str(error.strerror)) from error
    return _parsed(name, content, schema)


def _shown_name(path: Path) -> str:
    try:
        return path.resolve().relative_to(data_folder().resolve()).as_posix()
    except ValueError:
        return path.name


def _parsed(name: str, content: bytes, schema: Mapping[str, Any] | None) -> Any:
    """Plain values of a document; without ``schema`` for content that was checked before."""
    import yaml

    if len(content) > LONGEST_BYTES:
        raise DataError(name, f"must have at most {LONGEST_BYTES:,} bytes", "a larger file")
    try:
        text = content.decode("utf-8-sig")
        _refuse_at_sight(name, text)
        tree = yaml.compose(text, Loader=_loader())
    except UnicodeDecodeError as error:
        raise DataError(name, "must be UTF-8 text", str(error)) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else None
        raise DataError(name, "must be well-formed YAML", error.problem, line) from error
    except yaml.YAMLError as error:
        raise DataError(name, "must be well-formed YAML", str(error).split("\n")[0]) from error
    if tree is None:
        raise DataError(name, "must not be empty", "")
    plain = _plain(name, tree, "", 0)
    if schema is not None:
        _check(name, tree, plain, schema)
    return plain


def _loader() -> Any:
    import yaml

    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _refuse_at_sight(name: str, text: str) -> None:
    """Refuse what must not even be parsed.

    Anchors can make a small file unfold into a huge one, and no document needs them. A heap
    of 200,000 brackets would keep the parser busy for minutes.
    """
    import yaml

    deeper = (yaml.FlowSequenceStartToken, yaml.FlowMappingStartToken,
              yaml.BlockSequenceStartToken, yaml.BlockMappingStartToken)
    higher = (yaml.FlowSequenceEndToken, yaml.FlowMappingEndToken, yaml.BlockEndToken)
    depth = 0
    for token in yaml.scan(text, Loader=_loader()):
        depth += isinstance(token, deeper) - isinstance(token, higher)
        if depth > MOST_DEPTH + 1:
            raise DataError(name, f"must be nested at most {MOST_DEPTH} deep", "more",
                            token.start_mark.line + 1)
        if isinstance(token, yaml.AnchorToken | yaml.AliasToken | yaml.TagToken):
            raise DataError(name, "must use no anchors, aliases or tags (&, *, !)",
                            text.splitlines()[token.start_mark.line].strip()[:60],
                            token.start_mark.line + 1)


_NUMBER_TAGS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")


def _plain(name: str, node: Any, field: str, depth: int) -> Any:
    """Python values of a YAML node; dates stay text."""
    import yaml

    line = node.start_mark.line + 1
    if depth > MOST_DEPTH:
        raise DataError(name, f"must be nested at most {MOST_DEPTH} deep", field, line, field)
    if isinstance(node, yaml.MappingNode):
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = key_node.value
            if not isinstance(key, str):
                raise DataError(name, "must have text as keys", "a list", line, field)
            place = f"{field}.{key}" if field else key
            if key in found:
                raise DataError(name, "must be given once", key, key_node.start_mark.line + 1,
                                place)
            found[key] = _plain(name, value_node, place, depth + 1)
        return found
    if isinstance(node, yaml.SequenceNode):
        return [_plain(name, item, f"{field}[{index}]", depth + 1)
                for index, item in enumerate(node.value)]
    if node.tag == "tag:yaml.org,2002:null":
        return None
    if node.tag == "tag:yaml.org,2002:bool":
        return node.value.lower() in ("true", "yes", "on")
    if node.tag in _NUMBER_TAGS:
        return _number(name, node, field)
    return node.value


def _number(name: str, node: Any, field: str) -> float | int:
    text = node.value.replace("_", "")
    try:
        value = int(text) if node.tag == _NUMBER_TAGS[0] else float(text)
        is_plain = math.isfinite(value)
    except (ValueError, OverflowError):
        is_plain = False
    if not is_plain:
        raise DataError(name, "must be a plain decimal number", node.value,
                        node.start_mark.line + 1, field)
    return value


def _check(name: str, tree: Any, plain: Any, schema: Mapping[str, Any]) -> None:
    import fastjsonschema

    try:
        _validator(json.dumps(schema, sort_keys=True))(plain)
    except fastjsonschema.JsonSchemaValueException as error:
        # The path starts with the name of the whole, which readers do not know.
        path = list(error.path[1:])
        line = _line(tree, path)
        rule = error.message.removeprefix(error.name).strip() or error.message
        column = "".join(f"[{part}]" if isinstance(part, int) or str(part).isdigit()
                         else f".{part}" for part in path).lstrip(".")
        value = error.value if isinstance(error.value, str | int | float | bool) else (
            f"{type(error.value).__name__} of {len(error.value)}"
            if isinstance(error.value, dict | list) else error.value)
        raise DataError(name, rule, value, line, column or None) from None


@functools.lru_cache(maxsize=16)
def _validator(schema: str) -> Any:
    import fastjsonschema

    return fastjsonschema.compile(json.loads(schema))


def _line(node: Any, path: list[Any]) -> int:
    """Line of the field at ``path``, or of the last part of the way there."""
    import yaml

    line = node.start_mark.line + 1
    for part in path:
        child = None
        if isinstance(node, yaml.MappingNode):
            for key_node, value_node in node.value:
                if key_node.value == str(part):
                    child, line = value_node, key_node.start_mark.line + 1
        elif (isinstance(node, yaml.SequenceNode) and str(part).isdigit()
              and int(part) < len(node.value)):
            child = node.value[int(part)]
            line = child.start_mark.line + 1
        if child is None:
            break
        node = child
    return line


# --- Documents of the package -----------------------------------------------------


def document_paths(folder: str) -> tuple[str, ...]:
    """Paths, below ``data/``, of the package's documents in one folder.

    Parameters
    ----------
    folder : str
        For example ``"questions"``.

    Examples
    --------
    >>> all(path.endswith(".yaml") for path in document_paths("questions"))
    True
    """
    return tuple(entry["path"] for entry in catalogue().get("documents", [])
                 if entry["path"].startswith(f"{folder}/"))


@functools.cache
def document_schema(name: str) -> dict[str, Any]:
    """The JSON Schema ``data/schemas/NAME.schema.json``."""
    return json.loads((data_folder() / "schemas" / f"{name}.schema.json").read_text("utf-8"))


@functools.cache
def document(path: str) -> Any:
    """Content of one of the package's own documents.

    Parameters
    ----------
    path : str
        One of `document_paths`.

    Returns
    -------
    dict or list
        The same object at every call: read it, do not change it.

    Raises
    ------
    DataError
        The file breaks its schema, or is not the file that the catalogue describes.
    """
    for entry in catalogue().get("documents", []):
        if entry["path"] == path:
            content = (data_folder() / path).read_bytes()
            if digest(content) == entry["hash"]:
                # The catalogue was written after a check: no page waits for another.
                return _parsed(path, content, None)
            _parsed(path, content, document_schema(entry["schema"]))
            raise DataError(path, OTHER_FILE, digest(content)[:19] + "...")
    raise DataError(CATALOGUE, "must list this document", path)


def listed_documents(folders: Mapping[str, str]) -> list[dict[str, str]]:
    """Check every YAML file of ``data/`` and describe it for the catalogue.

    Parameters
    ----------
    folders : mapping
        Name of the schema by folder.
    """
    found = []
    for folder, schema in sorted(folders.items()):
        for path in sorted((data_folder() / folder).glob("*.yaml")):
            name = path.relative_to(data_folder()).as_posix()
            content = path.read_bytes()
            _parsed(name, content, document_schema(schema))
            found.append({"path": name, "schema": schema, "hash": digest(content)})
    return found
