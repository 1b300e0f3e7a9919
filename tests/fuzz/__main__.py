"""``make fuzz``: every target for its share of some minutes, then what was found.

    python -m tests.fuzz --minutes 10 [--only NAME]

With atheris installed the readers of files are searched by coverage as well.
"""

from __future__ import annotations

import argparse
import importlib.util
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path

from .readers import BYTES
from .targets import TARGETS, run_for

#: Share of the time that goes to the search by coverage, where there is one.
GUIDED_SHARE = 0.3
#: Of so many inputs one at least must be good.
MANY = 200


def main() -> int:
    """Return the number of targets that failed."""
    ask = argparse.ArgumentParser(prog="python -m tests.fuzz")
    ask.add_argument("--minutes", type=float, default=10)
    ask.add_argument("--seed", type=int, default=secrets.randbelow(2**32))
    ask.add_argument("--only", default="", help="part of a target's name")
    asked = ask.parse_args()
    seconds = asked.minutes * 60
    guided = {name: BYTES[name] for name in BYTES if asked.only in f"reader: {name}"}
    has_guide = importlib.util.find_spec("atheris") is not None
    if not has_guide:
        print("atheris is not installed: no search by coverage.")
    chosen = [target for name, target in TARGETS.items() if asked.only in name]
    share = seconds * (1 - GUIDED_SHARE * has_guide) / max(1, len(chosen))
    print(f"{len(chosen)} targets, {share:.1f} s each, seed {asked.seed}", flush=True)
    failures, total = [], 0
    for target in chosen:
        found = run_for(target, share, asked.seed)
        total += found.tried
        if found.tried >= MANY and not found.answered and not found.failure:
            found.failure = "Not one input was answered: the target's inputs test refusals only."
        state = "FAILED" if found.failure else "ok"
        print(f"{state:6} {found.tried:8,} inputs, {found.answered:7,} answered  {target.name}",
              flush=True)
        if found.failure:
            failures.append(target.name)
            print(found.failure, flush=True)
    if has_guide and guided:
        for name in guided:
            count, failure = _by_coverage(name, seconds * GUIDED_SHARE / len(guided))
            total += count
            print(f"{'FAILED' if failure else 'ok':6} {count:8,} inputs, by coverage        "
                  f"reader: {name}", flush=True)
            if failure:
                failures.append(f"{name} (by coverage)")
                print(failure, flush=True)
    print(f"\n{total:,} inputs tried, {len(failures)} targets failed. Seed {asked.seed}.")
    print("\n".join(failures))
    return len(failures)


def _by_coverage(name: str, seconds: float) -> tuple[int, str]:
    """Inputs tried by atheris in a process of its own, and what it found."""
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus"
        corpus.mkdir()
        (corpus / "good").write_bytes(BYTES[name][1]())
        done = subprocess.run(
            [sys.executable, "-m", "tests.fuzz.guided", name, str(corpus),
             f"-max_total_time={max(1, round(seconds))}", "-timeout=20", "-max_len=8000",
             f"-artifact_prefix={folder}/"],
            capture_output=True, text=True, errors="replace", check=False)
        told = done.stderr
        counts = [line.split()[0].lstrip("#") for line in told.splitlines()
                  if line.startswith("#") and line.split()[0][1:].isdigit()]
        failed = done.returncode != 0
        inputs = [repr(path.read_bytes()[:400]) for path in Path(folder).glob("crash-*")]
        said = [line for line in told.splitlines() if not line.startswith(("#", "INFO", "WARNING"))]
        return (int(counts[-1]) if counts else 0,
                "\n".join([done.stdout[-3000:], *said[-20:], *inputs]) if failed else "")


if __name__ == "__main__":
    sys.exit(min(main(), 99))
