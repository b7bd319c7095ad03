"""The terminal face of rolecall."""

__version__ = "0.1.0"
