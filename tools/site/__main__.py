"""Build the site: ``python -m tools.site [FOLDER]``; warnings are errors."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from sphinx.cmd.build import main as sphinx_build

from tools.site.accessible import mend
from tools.site.outside import outside_resources
from tools.site.sources import ROOT, lay_out


def build(out: Path) -> int:
    """Write the HTML into ``out``; return 0 if there was nothing to complain about."""
    with tempfile.TemporaryDirectory() as scratch:
        lay_out(Path(scratch))
        shutil.rmtree(out, ignore_errors=True)
        code = sphinx_build(["-q", "-W", "--keep-going", "-b", "html", "-j", "auto",
                             "-c", str(Path(__file__).parent), scratch, str(out)])
    if not (out / "index.html").is_file():
        return code or 1
    shutil.rmtree(out / ".doctrees", ignore_errors=True)
    faults = [f"the theme has no {place} to mend" for place in mend(out)]
    faults += [f"{page} loads {address}" for page, address in outside_resources(out)]
    print(*faults, sep="\n", end="\n" if faults else "", file=sys.stderr)
    return code or len(faults)


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build" / "site"
    failed = build(target)
    print(f"The site is in {target}: open {target / 'index.html'}" if not failed
          else "The site has faults: see above.")
    sys.exit(1 if failed else 0)
