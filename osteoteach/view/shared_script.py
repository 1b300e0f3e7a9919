"""Widgets that share one script: it crosses to the page once, and is imported once.

A widget of anywidget brings its script along and imports it for itself: about three
milliseconds each, and a page has twenty controls. A control has no view of its own
instead. The widget that holds it mounts it, by the script that its class names
(``page_parts/mounting.js``).
"""

from __future__ import annotations

import ipywidgets
import traitlets

__all__ = ["ScriptShared", "SharedScript"]


class SharedScript(ipywidgets.Widget):
    """Script and style sheet of a class of widgets. The browser's half is ipywidgets' own."""

    code = traitlets.Unicode(read_only=True).tag(sync=True)
    style = traitlets.Unicode(read_only=True).tag(sync=True)

    def __init__(self, code: str, style: str) -> None:
        self.set_trait("code", code)
        self.set_trait("style", style)
        super().__init__()

    def set_state(self, sync_data: dict) -> None:
        """Ignore what a page sends: code must not come from there."""


#: By script and style: the one widget that holds them in this kernel.
_known: dict[tuple[str, str], SharedScript] = {}


class ScriptShared(ipywidgets.Widget):
    """A widget that is mounted by the one that holds it, with a script of its class.

    The script exports ``{ render }``, which is called as anywidget would call it.

    Examples
    --------
    >>> class Silent(ScriptShared):
    ...     script_text = "export default { render() {} };"
    >>> first, second = Silent(), Silent()
    >>> first._script is second._script, first._script.code
    (True, 'export default { render() {} };')
    """

    #: A module of JavaScript, and a style sheet, as text.
    script_text = ""
    style_text = ""

    _script = traitlets.Instance(SharedScript).tag(sync=True, **ipywidgets.widget_serialization)

    @traitlets.default("_script")
    def _shared(self) -> SharedScript:
        key = self.script_text, self.style_text
        # Made for the first widget of the class, and again if somebody closed it.
        if key not in _known or _known[key].comm is None:
            _known[key] = SharedScript(*key)
        return _known[key]
