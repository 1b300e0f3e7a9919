"""What every JupyterHub with osteoteach needs: loaded as a part of ``jupyterhub_config.py``.

It stands alone: the hub's own Python needs SQLAlchemy (JupyterHub brings it) and a driver for
PostgreSQL, not osteoteach. Settings come from the environment of the hub's process:

OSTEOTEACH_OWNER_DATABASE_URL
    PostgreSQL, as the role that owns the database and may create roles. Only the hub and the
    service of the rooms know it.
OSTEOTEACH_USERS_DATABASE_HOST
    Host, or host:port, under which users' servers reach PostgreSQL; default: the same.
OSTEOTEACH_PYTHON
    Python of the users' environment; default "python". On Kubernetes the image has it.
OSTEOTEACH_CLASS_SERVICE_URL
    Where the rooms' service listens; default http://127.0.0.1:10203.
OSTEOTEACH_CLASS_SERVICE_RUNS_APART
    1 if somebody else starts it (on Kubernetes a container beside the hub).
OSTEOTEACH_INSTRUCTORS_GROUP
    Members of this group of the hub may open rooms; default "instructors". Admins may too.

docs/jupyterhub.md explains each choice.
"""

import asyncio
import functools
import os
import secrets
import sys

c = get_config()  # noqa: F821

PREFIX = "osteoteach:"  # of the database's roles: osteoteach.progress.shared_rights
LONGEST_NAME_BYTES = 63 - len(PREFIX)  # PostgreSQL cuts longer names, and then two may be one
CONNECTIONS_OF_USER = 8
SERVICE = "osteoteach-class"

owner_url = os.environ["OSTEOTEACH_OWNER_DATABASE_URL"]
users_host = os.environ.get("OSTEOTEACH_USERS_DATABASE_HOST", "")
users_python = os.environ.get("OSTEOTEACH_PYTHON", "python")
service_url = os.environ.get("OSTEOTEACH_CLASS_SERVICE_URL", "http://127.0.0.1:10203")
runs_apart = os.environ.get("OSTEOTEACH_CLASS_SERVICE_RUNS_APART", "") == "1"
instructors = os.environ.get("OSTEOTEACH_INSTRUCTORS_GROUP", "instructors")


@functools.cache
def database():
    """The engine; whichever driver of PostgreSQL the hub's Python has."""
    from importlib.util import find_spec

    from sqlalchemy import create_engine, make_url

    driver = "psycopg" if find_spec("psycopg") else "psycopg2"
    url = make_url(owner_url).set(drivername=f"postgresql+{driver}")
    return create_engine(url, pool_pre_ping=True, pool_size=4)


def own_url(name, is_instructor):
    """The database's address for one user: a role of their own, with a new password."""
    from sqlalchemy import text

    if len(name.encode()) > LONGEST_NAME_BYTES or "\0" in name:
        raise ValueError(f"osteoteach takes names of up to {LONGEST_NAME_BYTES} bytes; "
                         f"this one is longer: {name}")
    role, password = PREFIX + name, secrets.token_urlsafe(24)
    engine = database()
    quoted = engine.dialect.identifier_preparer.quote_identifier(role)
    groups = ("GRANT osteoteach_learners TO", "GRANT osteoteach_instructors TO" if is_instructor
              else "REVOKE osteoteach_instructors FROM")
    with engine.begin() as connection:
        known = connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :role"),
                                  {"role": role})
        # A password of token_urlsafe holds no quote. No bound values in such statements.
        connection.exec_driver_sql(
            f"{'ALTER' if known else 'CREATE'} ROLE {quoted} LOGIN "
            f"PASSWORD '{password}' CONNECTION LIMIT {CONNECTIONS_OF_USER}")
        # A kernel that nobody talks to must not keep a connection: 300 users share them.
        for setting in ("idle_session_timeout = '5min'", "statement_timeout = '30s'",
                        "idle_in_transaction_session_timeout = '1min'"):
            connection.exec_driver_sql(f"ALTER ROLE {quoted} SET {setting}")
        for group in groups:
            connection.exec_driver_sql(f"{group} {quoted}")
    url = engine.url.set(drivername="postgresql", username=role, password=password)
    if users_host:
        host, _, port = users_host.partition(":")
        url = url.set(host=host, port=int(port) if port else None)
    return url.render_as_string(hide_password=False)


async def prepare(spawner):
    """Give the server that is about to start its own way to the database."""
    name = spawner.user.name
    may_open_rooms = spawner.user.admin or instructors in {
        group.name for group in spawner.user.groups}
    url = await asyncio.to_thread(own_url, name, may_open_rooms)
    spawner.environment = {
        **spawner.environment,
        "OSTEOTEACH_DATABASE_URL": url,
        "OSTEOTEACH_CLASS_PATH": f"{spawner.hub.base_url.removesuffix('hub/')}services/{SERVICE}/",
        # One arena for each of two threads, not eight for each core: less memory a kernel.
        "MALLOC_ARENA_MAX": "2",
    }


c.Spawner.cmd = [users_python, "-m", "osteoteach.commands.hub_server"]
c.Spawner.default_url = "/voila"
c.Spawner.pre_spawn_hook = prepare
# One server a user: a second would change the password of the first.
c.JupyterHub.allow_named_servers = False

service = {"name": SERVICE, "url": service_url}
if runs_apart:
    # It asks the hub for nothing; but the hub would make a client for it, with no secret.
    service["api_token"] = secrets.token_hex(32)
else:
    service |= {"command": [users_python, "-m", "osteoteach.view.hub.class_service"],
                "environment": {"OSTEOTEACH_DATABASE_URL": owner_url}}
services = [service]
roles = []
cull_after = os.environ.get("OSTEOTEACH_CULL_AFTER_SECONDS", "")
if cull_after:
    # The Littlest JupyterHub and the Kubernetes chart bring the same culler themselves.
    services.append({"name": "osteoteach-culler", "command": [
        sys.executable, "-m", "jupyterhub_idle_culler", f"--timeout={cull_after}",
        f"--cull-every={os.environ.get('OSTEOTEACH_CULL_EVERY_SECONDS', '60')}"]})
    roles.append({"name": "osteoteach-culler", "services": ["osteoteach-culler"],
                  "scopes": ["list:users", "read:users:activity", "read:servers",
                             "delete:servers"]})
# Extended, not set: the main configuration has services of its own.
c.JupyterHub.services.extend(services)
c.JupyterHub.load_roles.extend(roles)
