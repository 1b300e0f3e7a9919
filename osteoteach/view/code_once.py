"""What all widgets of one class share is said once a class, not once a widget.

anywidget makes a class of its own for every widget that it creates, only to hold the same
script and style again. A page has two dozen widgets, and each would cost a millisecond of
the time in which a reader looks at an empty page.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import traitlets

__all__ = ["CodeOnce", "code"]


def code(source: str | Path) -> traitlets.Unicode:
    """Return a script or style sheet, as text or as a file, as a trait of a widget class."""
    text = source.read_text(encoding="utf-8") if isinstance(source, Path) else source
    return traitlets.Unicode(text).tag(sync=True)


class CodeOnce(traitlets.HasTraits):
    """A widget class whose script and style belong to the class. Goes ahead of its base.

    Examples
    --------
    >>> import anywidget
    >>> class Silent(CodeOnce, anywidget.AnyWidget):
    ...     _esm = code("export default { render() {} };")
    >>> type(Silent()) is Silent
    True
    >>> Silent().get_state()["_esm"]
    'export default { render() {} };'
    """

    #: By this anywidget tells apart the styles of widget classes.
    _anywidget_id = traitlets.Unicode().tag(sync=True)

    @traitlets.default("_anywidget_id")
    def _name_of_class(self) -> str:
        return f"{type(self).__module__}.{type(self).__name__}"

    def add_traits(self, **traits: Any) -> None:
        """Add traits to this one widget; what its class has stays as the class has it."""
        further = {name: trait for name, trait in traits.items() if not self.has_trait(name)}
        if further:
            super().add_traits(**further)
