"""A list of scenarios as files that anybody can open: no server, no kernel, no network."""

from __future__ import annotations

from osteoteach.view.export.folder import Exported, export_list

__all__ = ["Exported", "export_list"]
