"""Settings of all tests.

Property tests: the same examples every run, and no stop-watch, because a slow or busy
machine must not turn a test red. To look for new examples:
``pytest --hypothesis-profile=explore``.

Answers go to a file of their own: a test must never write into somebody's own progress.
"""

import os
import tempfile
from pathlib import Path

from hypothesis import settings

settings.register_profile("steady", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, max_examples=2000)
settings.load_profile("steady")

# Set here and not in a fixture: servers and kernels that tests start inherit it.
_ANSWERS = tempfile.TemporaryDirectory(prefix="osteoteach-answers-", ignore_cleanup_errors=True)
os.environ["OSTEOTEACH_DATABASE_URL"] = f"sqlite:///{Path(_ANSWERS.name).as_posix()}/answers.sqlite"
for name in ("JUPYTERHUB_USER", "OSTEOTEACH_LEARNER"):
    os.environ.pop(name, None)
