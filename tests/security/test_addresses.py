"""Every address of the server: what it carries, and what it does not give out."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine

from osteoteach.view.controls import TEMPLATE
from osteoteach.view.security.guard import ForeignHost
from osteoteach.view.security.headers import INLINE_SCRIPTS, page_policy

from .conftest import message, serve, stop, talk

PAGE = "/voila/render/dashboards/small.ipynb"
EVERY_KIND = [
    "/", "/voila/tree", PAGE, "/voila/render/dashboards/none.ipynb", "/nothing", "/class/",
    "/class", "/class/XXXXXX", "/class/api/XXXXXX", "/class/static/class.js", "/login",
    "/presenting/none", "/voila/files/secret.txt", "/voila/static/none.js",
    "/voila/templates/osteoteach/static/icon.svg", "/voila/templates/x", "/voila/api/themes/none",
    "/voila/labextensions/none", "/api/kernels/00000000-0000-0000-0000-000000000000",
]


@pytest.mark.parametrize("path", EVERY_KIND)
def test_every_answer_carries_the_policy(server, path):
    """Pages, pictures, redirects and errors: no outside origin, no sniffing, no framing."""
    headers = server.ask(path).headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe-eval" not in policy
    assert re.search(r"script-src [^;]*unsafe-inline", policy) is None
    own = server.base.removeprefix("http://")
    assert re.findall(r"[\w.-]+\.[\w.-]+(?::\d+)?", policy.replace(own, "")) == []
    assert "*" not in policy
    assert "frame-ancestors" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] in ("no-referrer", "same-origin")
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Server"] is None
    assert len(headers.get_all("Content-Security-Policy")) == 1


def test_the_scripts_inside_a_page_are_those_of_the_policy(server):
    """To the letter: a browser would not run another one, and the page would never stand."""
    told = server.ask(PAGE).body.decode()
    inside = re.findall(r"<script(?![^>]*(?:src=|json))[^>]*>(.*?)</script>", told, re.DOTALL)
    assert inside
    assert set(inside) <= set(INLINE_SCRIPTS)
    policy = page_policy("127.0.0.1:1")
    for script in INLINE_SCRIPTS:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert re.search(r"\son[a-z]+=", re.sub(r"<script.*?</script>", "", told, flags=re.DOTALL)
                     ) is None


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", [
    "/api/contents", "/api/contents/secret.txt", "/api/terminals", "/api/terminals/1",
    "/terminals/websocket/1", "/api/sessions", "/api/kernels", "/api/kernelspecs", "/api/config/x",
    "/api/nbconvert/html/dashboards/small.ipynb", "/nbconvert/html/dashboards/small.ipynb",
    "/files/secret.txt", "/view/secret.txt", "/edit/secret.txt", "/tree", "/lab",
    "/voila/api/contents", "/voila/api/contents/dashboards", "/api/shutdown", "/api/me",
    "/api/status", "/metrics", "/api/events", "/api/events/subscribe", "/voila/execution/x-x-x-x-x",
])
def test_jupyters_other_services_are_not_there(server, method, path):
    """Contents, terminals, sessions, lists of kernels, conversion, events: nothing answers."""
    found = server.ask(path, method)
    assert found.status in (403, 404, 405)
    assert b"hush" not in found.body
    assert b"small" not in found.body


SECRETS = ["secret.txt", "dashboards/secret.py", "../secret.txt", "../answers.sqlite3",
           "../../../../../../etc/passwd"]
DOORS = ["/voila/files/", "/voila/static/", "/voila/templates/osteoteach/static/",
         "/voila/templates/../static/", "/voila/labextensions/", "/voila/api/themes/",
         "/voila/tree/", "/voila/render/", "/class/static/", "/presenting/", "/"]


def _spellings(path: str) -> list[str]:
    return [path, path.replace("/", "%2f"), path.replace(".", "%2e"), path.replace("/", "//"),
            path.replace("..", "....//"), path.replace("../", "..\\"), path + "%00.png",
            path + "?", "/" + path, path.replace("..", "%252e%252e"), "./" + path]


@pytest.mark.parametrize("door", DOORS)
def test_no_path_leads_out_of_a_folder(server, door):
    """Dots in every spelling: no file of the folder, of the folder above, or of the system."""
    for secret in SECRETS:
        for spelling in _spellings(secret):
            found = server.ask(door + spelling)
            # A redirect may name a door that is closed; what is behind it is asked for as well.
            if found.status in (301, 302):
                found = server.ask(found.headers["Location"])
            assert found.status in (400, 403, 404, 405, 500), (door, spelling, found.status)
            assert b"hush-hush" not in found.body, (door, spelling)
            assert b"root:" not in found.body, (door, spelling)


@pytest.mark.parametrize("path", ["../outside.ipynb", "%2e%2e/outside.ipynb", "..%2foutside.ipynb",
                                  ".hidden/dashboard.ipynb", "/etc/passwd", "secret.txt",
                                  "dashboards/secret.py"])
def test_only_notebooks_of_the_folder_are_shown(server, path):
    """No kernel starts for a file outside, a hidden one, or one that is no notebook."""
    found = server.ask(f"/voila/render/{path}")
    if found.status in (301, 302):
        found = server.ask(found.headers["Location"])
    assert found.status in (403, 404)
    assert b"kernelId" not in found.body


def test_a_kernel_is_ended_only_by_its_own_page(server):
    """A form on another site has no token; neither has a stranger with the id alone."""
    kernel = server.kernel()
    for path, method in ((f"/voila/api/shutdown/{kernel}", "POST"),
                         (f"/api/kernels/{kernel}", "DELETE")):
        assert server.ask(path, method, b"").status == 403
        assert server.ask(path, method, b"", Origin="https://evil.example",
                          Cookie="_xsrf=x", X_XSRFToken="y").status in (403, 404)
    asked = message("comm_info_request")
    assert talk(server, kernel, [asked]).to(asked[0])


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "0.0.0.0", "",
                                  "localhost.evil.example", "evil.example:8866"])
def test_a_server_for_one_computer_answers_to_no_foreign_name(server, host):
    """A web page that gives its own name our address (DNS rebinding) gets nothing."""
    for path in ("/", PAGE, "/class/", "/class/static/class.js"):
        found = server.ask(path, Host=host)
        assert found.status in (400, 403), path
        assert b"osteoteach:" not in found.body
    assert server.ask("/", Host="localhost:8866").status == 200


def test_a_proxys_name_can_be_allowed():
    def asked(host: str) -> HTTPServerRequest:
        return HTTPServerRequest(headers=HTTPHeaders({"Host": host}),
                                 start_line=RequestStartLine("GET", "/", "HTTP/1.1"))

    matcher = ForeignHost(frozenset({"bones.school.example"}))
    assert matcher.match(asked("Bones.School.example:443")) is None
    assert matcher.match(asked("[::1]:8866")) is None
    assert matcher.match(asked("school.example")) == {}


@pytest.mark.parametrize("host", ["a b", "x; script-src *", "x\r\nSet-Cookie: a=b", "é", "a" * 300])
def test_a_hostile_host_writes_nothing_into_the_policy(host):
    assert page_policy(host) == page_policy("")


def test_a_huge_body_is_not_swallowed(server):
    """What is sent to an address that takes nothing is not kept in memory first."""
    for path in ("/login", "/nothing", PAGE, "/voila/api/shutdown/x"):
        try:
            assert server.ask(path, "POST", b"x" * 5_000_000).status >= 400
        except OSError:
            continue  # the server hung up while it was sent
    assert server.ask("/").status == 200


def test_wrong_passwords_tire(server, tmp_path):
    """On a server with a password: twenty tries, then a wait, which the answer says."""
    running = serve(server.folder, tmp_path, "--Voila.token=open-sesame")
    try:
        assert running.ask("/").status == 302
        page = running.ask("/login")
        cookie = "; ".join(one.partition(";")[0] for one in page.headers.get_all("Set-Cookie"))
        token = re.search(r'name="_xsrf" value="([^"]+)"', page.body.decode()).group(1)
        tries = [running.ask("/login", "POST", f"_xsrf={token}&password=wrong{number}".encode(),
                             Cookie=cookie, Content_Type="application/x-www-form-urlencoded")
                 for number in range(24)]
        assert [one.status for one in tries[:20]] == [401] * 20, tries[0].body[-600:]
        assert tries[-1].status == 429
        assert int(tries[-1].headers["Retry-After"]) >= 1
        assert "open-sesame" not in running.log.read_text(encoding="utf-8")
    finally:
        stop(running)


def test_the_template_has_no_script_or_handler_of_its_own():
    """A script in the page would need another hash; one in an attribute cannot have one."""
    for part in (*TEMPLATE.glob("*.html"), *TEMPLATE.glob("*.j2")):
        text = part.read_text(encoding="utf-8")
        inside = re.findall(r"<script(?![^>]*src=)[^>]*>(.*?)</script>", text, re.DOTALL)
        assert set(inside) <= set(INLINE_SCRIPTS), part
        assert re.search(r"\son[a-z]+=", text) is None, part
