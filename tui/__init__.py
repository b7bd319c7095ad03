"""The terminal face of rolecall."""

__version__ = "0.5.0"
