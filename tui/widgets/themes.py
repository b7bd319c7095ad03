"""The themes of our own: a calm dark one, its light sibling, and both for colour-blind eyes.

Those are of the colours of Okabe and Ito, which eyes with any kind of colour blindness tell apart
(https://jfly.uni-koeln.de/color/); on white, where some of them cannot be read, they are darker.
"""

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
DARK_OKABE_ITO = Theme(
    name="rolecall-dark-okabe-ito",
    primary="#56B4E9",
    secondary="#8893B5",
    accent="#F0E442",
    warning="#E69F00",
    error="#E8743B",
    success="#56B4E9",
    foreground="#D7DAE0",
    background="#14171C",
    surface="#1A1E25",
    panel="#232832",
    variables={
        "live": "#56B4E9",
        "critical": "#E8743B",
        "expired": "#CC79A7",
        "production": "#E8743B",
        "staging": "#CC79A7",
        "development": "#1FB88C",
        "border": "#56B4E9",
    },
)
LIGHT_OKABE_ITO = Theme(
    name="rolecall-light-okabe-ito",
    primary="#0072B2",
    secondary="#5C6788",
    accent="#0072B2",
    warning="#8A5F00",
    error="#B34A00",
    success="#0072B2",
    foreground="#22262C",
    background="#FAFAF8",
    surface="#F1F1EE",
    panel="#E6E6E1",
    dark=False,
    variables={
        "live": "#0072B2",
        "critical": "#B34A00",
        "expired": "#9C4A78",
        "production": "#B34A00",
        "staging": "#9C4A78",
        "development": "#00785A",
        "border": "#0072B2",
    },
)
OURS = (DARK, LIGHT, DARK_OKABE_ITO, LIGHT_OKABE_ITO)
