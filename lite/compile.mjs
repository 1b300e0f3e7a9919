// Compiles a folder of Python with the Python that will run it, so that no visitor waits for
// the compiler: node compile.mjs FOLDER. Each x.py becomes x.pyc in the same place.
import { loadPyodide } from "pyodide";

const folder = process.argv[2];
const pyodide = await loadPyodide();
pyodide.FS.mkdir("/site");
pyodide.FS.mount(pyodide.FS.filesystems.NODEFS, { root: folder }, "/site");
pyodide.runPython(`
from pathlib import Path
import py_compile

for source in sorted(Path("/site").rglob("*.py")):
    # Our own docstrings stay behind; some libraries build theirs from others' at import.
    optimize = 2 if source.is_relative_to("/site/osteoteach") else 0
    py_compile.compile(str(source), cfile=f"{source}c", dfile=str(source.relative_to("/site")),
                       doraise=True, optimize=optimize,
                       invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
    source.unlink()
`);
