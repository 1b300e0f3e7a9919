"""Settings of the property tests: the same examples every run, and no stop-watch.

A slow or busy machine must not turn a test red. To look for new examples:
``pytest --hypothesis-profile=explore``.
"""

from hypothesis import settings

settings.register_profile("steady", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, max_examples=2000)
settings.load_profile("steady")
