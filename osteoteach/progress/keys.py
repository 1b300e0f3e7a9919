"""Keys that sign hand-in files, and what such a signature proves.

The installation's key never leaves this computer. Its signature lets this computer tell that
a file is its own and unchanged; to anybody else it proves nothing.

A class key is one that an instructor made and gave to the class. Its signature shows that
the file was made, and not changed since, by someone who has the key. Every student has it:
so it keeps out strangers and accidents, and neither proves who answered nor that the answers
were given by hand. Only an examination under supervision can.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from osteoteach.errors import InputError
from osteoteach.progress.hostile import plain_json, small_text
from osteoteach.progress.problems import StoreProblem

__all__ = ["Key", "installation_key", "new_class_key", "read_class_key"]

FORMAT = "osteoteach-class-key"
_HEX_KEY = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, repr=False)
class Key:
    """A secret of 32 bytes. It has no repr, so that it cannot slip into a log."""

    secret: bytes

    @property
    def key_id(self) -> str:
        """Names the key without giving it away."""
        return hashlib.sha256(b"osteoteach key id" + self.secret).hexdigest()[:16]

    def sign(self, content: bytes) -> str:
        """HMAC-SHA-256 in hex."""
        return hmac.new(self.secret, content, hashlib.sha256).hexdigest()

    def signed(self, content: bytes, signature: str) -> bool:
        """Whether the signature is this key's, compared in constant time."""
        return hmac.compare_digest(self.sign(content).encode(), signature.encode())


def installation_key(folder: Path | None = None) -> Key:
    """This computer's key, made at its first use, for its owner's eyes only.

    Parameters
    ----------
    folder : Path, optional
        Default: the user's data folder.

    Raises
    ------
    StoreProblem
        It can be neither read nor made, or it is damaged.
    """
    import platformdirs

    place = folder or platformdirs.user_data_path("osteoteach", appauthor=False)
    file = place / "installation.key"
    try:
        if not file.exists():
            place.mkdir(parents=True, exist_ok=True)
            _write_once(file, secrets.token_hex(32))
        text = file.read_text("ascii", errors="replace")
    except OSError as error:
        raise StoreProblem(f"The key {file} cannot be read or made ({error.strerror}).",
                           "Give yourself the right to write to its folder.") from error
    if not _HEX_KEY.fullmatch(text):
        raise StoreProblem(f"The key {file} is damaged.",
                           "Give it another name; a new one is then made.")
    return Key(bytes.fromhex(text))


def _write_once(file: Path, text: str) -> None:
    """Write a whole file under this name, unless another process was first."""
    draft = file.with_name(f".{file.name}-{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as opened:
            opened.write(text)
        if not file.exists():
            os.replace(draft, file)
    finally:
        draft.unlink(missing_ok=True)


def new_class_key(file: Path, class_name: str) -> Key:
    """Make a class key and write it to a file that did not exist before.

    Raises
    ------
    InputError
        There is a file of that name: an older key is never overwritten.
    """
    key = Key(secrets.token_bytes(32))
    content = {"format": FORMAT, "version": 1, "class": class_name, "key": key.secret.hex()}
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w",
                       encoding="utf-8") as opened:
            json.dump(content, opened, indent=1)
    except FileExistsError as error:
        raise InputError(str(file), "must be a new file", "one that exists",
                         "Choose another name: an older key is never overwritten.") from error
    return key


def read_class_key(file: Path) -> Key:
    """The key of a file that an instructor gave to the class.

    Raises
    ------
    InputError
        The file is not such a key.
    """
    content = plain_json(file.name, small_text(file))
    if not isinstance(content, dict) or content.get("format") != FORMAT or not isinstance(
            content.get("key"), str) or not _HEX_KEY.fullmatch(content["key"]):
        raise InputError(file.name, "must be a class key file", "another file",
                         "Ask your instructor for the file of `osteoteach classkey`.")
    return Key(bytes.fromhex(content["key"]))
