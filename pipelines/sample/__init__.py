"""The sample generator: believable exports of chat groups with planted facts, from a seed, at any size."""

from pipelines.sample.generate import generate

__all__ = ["generate"]
