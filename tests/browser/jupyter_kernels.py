"""What tests in JupyterLab do to kernels: restart them here, or as another window would."""

from __future__ import annotations

from playwright.sync_api import Page, expect

__all__ = ["IDLE", "SLOW", "ask_server", "restart_as_a_learner", "wait_until_idle"]

IDLE = "Python 3 (ipykernel) | Idle"
SLOW = 60_000


def wait_until_idle(page: Page) -> None:
    """What is run before the kernel is connected is lost."""
    expect(page.get_by_text(IDLE)).to_be_visible(timeout=SLOW)


def ask_server(page: Page, method: str, action: str) -> None:
    """Restart or end every kernel of the server; the page's JupyterLab is not asked."""
    page.evaluate("""async ([method, action]) => {
        const token = document.cookie.match(/_xsrf=([^;]+)/)?.[1] ?? '';
        for (const kernel of await (await fetch('/api/kernels')).json()) {
            const told = await fetch(`/api/kernels/${kernel.id}${action}`,
                                     { method, headers: { 'X-XSRFToken': token } });
            if (!told.ok) throw new Error(`${method} ${action}: ${await told.text()}`);
        }
    }""", [method, action])


def restart_as_a_learner(page: Page) -> None:
    """By the button: JupyterLab hears of no other restart, and its comms need to know."""
    page.get_by_role("button", name="Restart the kernel", exact=True).click()
    page.get_by_role("dialog").locator(".jp-mod-accept").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    wait_until_idle(page)
