"""The evidence: the only package that reads ``data/``.

Every clinical number of osteoteach lives in one of those tables, with its unit,
population, interval and source. Code elsewhere holds definitions only.
"""

from osteoteach.evidence.catalogue import (
    check_all,
    check_hashes,
    data_folder,
    table,
    table_names,
)
from osteoteach.evidence.citation import Source, cite, source
from osteoteach.evidence.documents import document, document_paths, document_schema, read_document

__all__ = ["Source", "check_all", "check_hashes", "cite", "data_folder", "document",
           "document_paths", "document_schema", "read_document", "source", "table", "table_names"]
