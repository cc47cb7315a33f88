"""The servers that tests here talk to."""

from tests.real.llamacpp import (  # noqa: F401
    endless_gguf,
    endless_llamacpp,
    llamacpp,
    locked_llamacpp,
    tiny_gguf,
)
