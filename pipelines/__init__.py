"""groupfunnel: event exports of chat groups in, AARRR metrics in DuckDB and an offline report out."""

__version__ = "0.1.0"
