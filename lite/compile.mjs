// Compiles Python with the Python that will run it, so that no visitor waits for the compiler:
//   node compile.mjs FOLDER STDLIB
// In both folders each x.py becomes x.pyc in the same place; STDLIB is filled with the
// standard library first.
import { loadPyodide } from "pyodide";

const [folder, stdlib] = process.argv.slice(2);
const pyodide = await loadPyodide();
for (const [name, root] of [["/site", folder], ["/stdlib", stdlib]]) {
  pyodide.FS.mkdir(name);
  pyodide.FS.mount(pyodide.FS.filesystems.NODEFS, { root }, name);
}
pyodide.runPython(`
from pathlib import Path
from zipfile import ZipFile
import py_compile
import sys

ZipFile(next(path for path in sys.path if path.endswith(".zip"))).extractall("/stdlib")
for root in ("/site", "/stdlib"):
    for source in sorted(Path(root).rglob("*.py")):
        # Docstrings stay behind, save those from which some libraries build theirs at import.
        ours = root == "/stdlib" or source.is_relative_to("/site/osteoteach")
        py_compile.compile(str(source), cfile=f"{source}c", dfile=str(source.relative_to(root)),
                           doraise=True, optimize=2 if ours else 0,
                           invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
        source.unlink()
`);
