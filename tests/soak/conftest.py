"""The fixtures of the ring of real servers."""

from tests.integration.conftest import idle_world, prefect, world, young

__all__ = ["idle_world", "prefect", "world", "young"]
