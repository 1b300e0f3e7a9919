"""Build the site: ``python -m tools.site [FOLDER]``; warnings are errors."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from sphinx.cmd.build import main as sphinx_build

from tools.site.outside import outside_resources
from tools.site.sources import ROOT, lay_out


def build(out: Path) -> int:
    """Write the HTML into ``out``; return 0 if there was nothing to complain about."""
    with tempfile.TemporaryDirectory() as scratch:
        lay_out(Path(scratch))
        shutil.rmtree(out, ignore_errors=True)
        code = sphinx_build(["-q", "-W", "--keep-going", "-b", "html", "-j", "auto",
                             "-c", str(Path(__file__).parent), scratch, str(out)])
    shutil.rmtree(out / ".doctrees", ignore_errors=True)
    found = outside_resources(out)
    for page, address in found:
        print(f"{page} loads {address}", file=sys.stderr)
    return code or bool(found)


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build" / "site"
    failed = build(target)
    print(f"The site is in {target}: open {target / 'index.html'}" if not failed
          else "The site has faults: see above.")
    sys.exit(failed)
