"""The two themes of our own: a calm dark one and its light sibling."""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="rolecall-dark",
    primary="#6CA6E8",
    secondary="#8893B5",
    accent="#E3B567",
    warning="#E8B04A",
    error="#F0716B",
    success="#72C38B",
    foreground="#D7DAE0",
    background="#14171C",
    surface="#1A1E25",
    panel="#232832",
    variables={
        "live": "#72C38B",
        "critical": "#F28B4F",
        "expired": "#9A6B6E",
        "production": "#F0716B",
        "staging": "#C79BE8",
        "development": "#7FB7B0",
        "border": "#6CA6E8",
    },
)
LIGHT = Theme(
    name="rolecall-light",
    primary="#2F6FB5",
    secondary="#5C6788",
    accent="#9A5B00",
    warning="#9C6500",
    error="#BF2F2A",
    success="#237A43",
    foreground="#22262C",
    background="#FAFAF8",
    surface="#F1F1EE",
    panel="#E6E6E1",
    dark=False,
    variables={
        "live": "#237A43",
        "critical": "#B34700",
        "expired": "#8A6A6B",
        "production": "#BF2F2A",
        "staging": "#7A3FA8",
        "development": "#1F6F68",
        "border": "#2F6FB5",
    },
)
