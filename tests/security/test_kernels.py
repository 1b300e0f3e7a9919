"""What a visitor can make of the connection to a kernel: move widgets, and nothing else."""

from __future__ import annotations

import json
import uuid

import pytest
from jupyter_server.services.kernels.connection.base import serialize_msg_to_ws_v1
from tornado.httpclient import HTTPClientError

from osteoteach.view.classroom.limits import Limiter
from osteoteach.view.security.connection import MESSAGES_OF_CONNECTION, V1, refusal
from osteoteach.view.security.guard import LARGEST_MESSAGE_BYTES

from .conftest import message, packed, talk

RUNS = {
    "execute_request": {"code": "open('ran-here', 'w')", "silent": False, "store_history": False,
                        "user_expressions": {"x": "open('ran-here', 'w')"}, "allow_stdin": True},
    "complete_request": {"code": "import o", "cursor_pos": 8},
    "inspect_request": {"code": "ipywidgets", "cursor_pos": 5, "detail_level": 1},
    "history_request": {"output": True, "raw": True, "hist_access_type": "tail", "n": 99},
    "is_complete_request": {"code": "1"},
    "debug_request": {"type": "request", "command": "evaluate", "seq": 1,
                      "arguments": {"expression": "open('ran-here', 'w')"}},
    "input_reply": {"value": "open('ran-here', 'w')"},
    "interrupt_request": {},
    "create_subshell_request": {},
    "usage_request": {},
}


@pytest.mark.parametrize("protocol", [V1, None], ids=["v1", "older"])
def test_a_viewer_cannot_execute_complete_inspect_or_read_the_history(server, protocol):
    """On no channel and in neither form of the protocol does such a request get an answer."""
    kernel = server.kernel()
    asked = [message(kind, content, channel) for kind, content in RUNS.items()
             for channel in ("shell", "control", "stdin", "iopub", "no such channel")]
    found = talk(server, kernel, asked, protocol)
    assert found.closed is None
    assert [one for parts in asked for one in found.to(parts[0])] == []
    assert list(server.folder.parent.rglob("ran-here")) == []


def test_a_message_with_two_types_is_left_aside(server):
    """Two readers of one header must not see two types; so a key given twice is no message."""
    name, channel, header, content = message("execute_request", RUNS["execute_request"])
    twice = json.dumps(header)[:-1] + ', "msg_type": "comm_info_request"}'
    raw = serialize_msg_to_ws_v1(
        [twice.encode(), b"{}", b"{}", json.dumps(content).encode()], channel)
    assert talk(server, server.kernel(), [raw]).to(name) == []


@pytest.mark.parametrize("raw", [
    b"", b"\x00", b"\xff" * 64, (2**63).to_bytes(8, "little"), b"\x05" + b"\x00" * 7,
    (2).to_bytes(8, "little") + (16).to_bytes(8, "little") * 2,
    serialize_msg_to_ws_v1([b"[" * 100_000, b"{}", b"{}", b"{}"], "shell"),
    serialize_msg_to_ws_v1([b"null", b"{}", b"{}", b"{}"], "shell"),
    serialize_msg_to_ws_v1([b'{"msg_type": ["comm_msg"]}', b"{}", b"{}", b"{}"], "shell"),
    serialize_msg_to_ws_v1([b'{"msg_type": "comm_open"}', b"{}", b"{}", b"[]"], "shell"),
    "text", "[]", "{}", '{"header": []}',
])
def test_a_message_that_cannot_be_read_harms_nobody(server, raw):
    """It is left aside, and the next one is answered. (Eight bytes that name 2**63 parts kept
    Jupyter's own reader, and with it the server, busy for ever.)"""
    assert refusal(raw, V1)
    assert talk(server, server.kernel(), [raw]).closed is None


WIDGETS = [
    {"_model_module": "@jupyter-widgets/controls", "_model_module_version": "2.0.0",
     "_model_name": "FileUploadModel", "_view_module": "@jupyter-widgets/controls",
     "_view_module_version": "2.0.0", "_view_name": "FileUploadView"},
    {"_model_module": "os", "_model_name": "system", "_view_module": "os",
     "_model_module_version": "1", "_view_module_version": "1", "_view_name": "x"},
]


@pytest.mark.parametrize("state", WIDGETS, ids=["a widget", "a module"])
@pytest.mark.parametrize("target", ["jupyter.widget", "os.system", "", None, 7, ["x"]])
def test_a_browser_opens_no_widget_and_no_channel_of_its_own(server, target, state):
    """ipywidgets would make any registered widget that a page asks for. None is wanted."""
    kernel = server.kernel()
    opened = message("comm_open", {"comm_id": uuid.uuid4().hex, "target_name": target,
                                   "data": {"state": state}})
    asked = message("comm_info_request", {})
    found = talk(server, kernel, [opened, asked])
    reply, = (one for one in found.to(asked[0]) if one.kind == "comm_info_reply")
    assert opened[3]["comm_id"] not in reply.content["comms"]
    assert len(reply.content["comms"]) >= 1
    assert found.to(opened[0]) == []


def test_a_page_gets_the_states_of_its_widgets_and_moves_them(server):
    """What a dashboard needs still works: this is no test of a closed door only."""
    kernel = server.kernel()

    def answer(make):
        """What comes back may come after the talk's last word, on another channel: ask again."""
        for _ in range(20):
            sent = make()
            found = [one for one in talk(server, kernel, sent).to(sent[-1][0])
                     if one.kind == "comm_msg"]
            if found:
                return found[0]
        raise AssertionError("the kernel did not answer in 20 talks")

    def ask_for_states():
        control = uuid.uuid4().hex
        return [message("comm_open", {"comm_id": control, "data": {},
                                      "target_name": "jupyter.widget.control"}),
                message("comm_msg", {"comm_id": control, "data": {"method": "request_states"}})]

    states = answer(ask_for_states).content["data"]["states"]
    slider = next(name for name, one in states.items() if one["model_name"] == "IntSliderModel")
    assert answer(lambda: [message("comm_msg", {"comm_id": slider, "data": {
        "method": "update", "state": {"value": 9}, "buffer_paths": []}})])


def test_kernel_ids_are_random_and_another_ones_is_not_told(server):
    """122 random bits; no address lists them; a wrong one leads nowhere."""
    kernel = server.kernel()
    assert uuid.UUID(kernel).version == 4
    assert server.ask("/api/kernels").status == 404
    assert server.ask("/api/sessions").status == 404
    assert server.ask("/api/status").status == 404
    with pytest.raises(HTTPClientError) as refused:
        talk(server, str(uuid.uuid4()), [])
    assert refused.value.code == 404


@pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1:1", "null",
                                    "http://127.0.0.1.evil.example"])
def test_a_page_of_another_origin_is_not_connected(server, origin):
    with pytest.raises(HTTPClientError) as refused:
        talk(server, server.kernel(), [], Origin=origin)
    assert refused.value.code == 403


def test_our_own_origin_is_connected(server):
    assert talk(server, server.kernel(), [], Origin=server.base).closed is None


def test_a_huge_message_ends_the_connection_and_not_the_kernel(server):
    kernel = server.kernel()
    huge = message("comm_msg", {"comm_id": "x", "data": {"x": "x" * LARGEST_MESSAGE_BYTES}})
    assert talk(server, kernel, [huge]).closed is not None
    largest = message("comm_msg", {"comm_id": "x", "data": {"article": "\U0001d54f" * 99_999}})
    assert talk(server, kernel, [largest]).closed is None


def test_a_flood_ends_the_connection_and_not_the_kernel(server):
    kernel = server.kernel()
    one = packed(message("comm_msg", {"comm_id": "x", "data": {}}), V1)
    assert talk(server, kernel, [one] * int(4 * MESSAGES_OF_CONNECTION.burst)).closed == 1008
    assert talk(server, kernel, []).closed is None


def test_a_drag_of_a_minute_is_no_flood():
    """A hundred events a second, as the browser's own test drags."""
    clock = [0.0]
    limiter = Limiter(MESSAGES_OF_CONNECTION, clock=lambda: clock[0])
    for _ in range(6000):
        clock[0] += 0.01
        assert limiter.wait_seconds("here") == 0
