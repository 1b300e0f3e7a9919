"""``python -m tools.release [--try]``: build, read and try a release; stops at the first fault."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from tools.release import archives, licences
from tools.release.build import build, hashes, tracked_files, uncommitted
from tools.release.try_wheel import try_wheel
from tools.release.versions import version_faults

ROOT = Path(__file__).resolve().parents[2]
DIST = ROOT / "dist"


def main(only_try: bool) -> None:
    """``only_try`` lets an undated version and uncommitted files pass, and says so."""
    _stop_at(version_faults(ROOT, dated=not only_try))
    changed = uncommitted(ROOT)
    if changed and only_try:
        print(f"{len(changed)} files differ from the commit that is built; they are not in it.")
    elif changed:
        _stop_at([f"not committed: {line}" for line in changed])
    if licences.main([ROOT / "requirements.lock"]):
        raise SystemExit("see above: a licence")
    DIST.mkdir(exist_ok=True)
    for old in DIST.iterdir():
        old.unlink()
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        made = build(ROOT, Path(first), DIST)
        again = build(ROOT, Path(second), Path(second) / "dist")
        _stop_at([f"{name}: the second build differs" for name, digest in hashes(made).items()
                  if hashes(again)[name] != digest])
        _check(made, [str(ROOT), first])
    sdist, wheel = sorted(made, key=lambda path: path.suffix == ".whl")
    with tempfile.TemporaryDirectory() as folder:
        try_wheel(wheel, ROOT / "requirements.lock", Path(folder))
    sums = [f"{digest}  {name}" for name, digest in hashes([sdist, wheel]).items()]
    (DIST / "SHA256SUMS").write_text("\n".join(sums) + "\n", encoding="utf-8")
    print(*sums, sep="\n")
    print("A wheel that works without the checkout, and an sdist that builds it."
          if only_try else "Ready to be released: docs/releasing.md says what comes next.")


def _check(made: list[Path], machine_paths: list[str]) -> None:
    subprocess.run([sys.executable, "-m", "twine", "check", "--strict", *map(str, made)],
                   check=True)
    tracked = tracked_files(ROOT)
    for path in made:
        files = archives.read_archive(path)
        faults = archives.content_faults(files, machine_paths)
        faults += (archives.wheel_faults if path.suffix == ".whl" else archives.sdist_faults)(
            files, tracked)
        _stop_at([f"{path.name}: {fault}" for fault in faults])
        print(f"{path.name}: {len(files)} files, {path.stat().st_size / 1e6:.1f} MB")


def _stop_at(faults: list[str]) -> None:
    if faults:
        raise SystemExit("\n".join(faults))


if __name__ == "__main__":
    main("--try" in sys.argv[1:])
