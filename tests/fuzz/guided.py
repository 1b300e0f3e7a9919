"""One reader of files searched by coverage: ``python -m tests.fuzz.guided NAME CORPUS ...``.

Needs atheris (libFuzzer for Python), which is not among the locked packages: `make fuzz`
installs it where there is a wheel for this Python.
"""

from __future__ import annotations

import sys

FOLLOWED = ["osteoteach.evidence", "osteoteach.progress", "osteoteach.view.presenting",
            "osteoteach.errors", "osteoteach.view.security"]


def main() -> None:
    """Search until the time that libFuzzer's own options give is over."""
    # Here, because tests are collected where atheris is not.
    import atheris

    with atheris.instrument_imports(include=FOLLOWED):
        from .outcomes import tried
        from .readers import read_bytes
    name = sys.argv[1]

    def one(content: bytes) -> None:
        tried(lambda: read_bytes(name, content))

    atheris.Setup([sys.argv[0], *sys.argv[2:]], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
