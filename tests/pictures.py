"""Pictures and videos that tests make themselves; each seed gives another one."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np

WAVES = 16


def picture(seed: int, height: int = 120, width: int = 160) -> np.ndarray:
    """Waves of all directions, broad ones stronger, as photographs have them; shape (height, width, 3)."""
    draw = random.Random(seed)
    y, x = np.mgrid[0:height, 0:width] / np.array([height, width])[:, None, None]
    colours = []
    for _ in range(3):
        value = np.zeros((height, width))
        for _ in range(WAVES):
            across, down = draw.uniform(-9, 9), draw.uniform(-9, 9)
            strength = draw.uniform(0.2, 1) / (1 + across * across + down * down) ** 0.5
            value += strength * np.cos(2 * np.pi * (across * x + down * y) + draw.uniform(0, 6))
        colours.append((value - value.min()) / (value.max() - value.min()))
    return (np.stack(colours, -1) * 255).astype(np.uint8)


def save(path: Path, seed: int, size: tuple[int, int] = (640, 480), **more: Any) -> Path:
    """A picture as a file; the ending says of which kind."""
    from PIL import Image

    image = Image.fromarray(picture(seed)).resize(size)
    if path.suffix == ".gif":
        image = image.convert("P")
    image.save(path, **more)
    return path


def film(path: Path, seeds: list[int], size: tuple[int, int] = (320, 240), rate: int = 5) -> Path:
    """A video that shows each picture for a second."""
    import cv2

    code = cv2.VideoWriter.fourcc(*("MJPG" if path.suffix == ".avi" else "mp4v"))
    writer = cv2.VideoWriter(str(path), code, rate, size)
    for seed in seeds:
        frame = cv2.resize(picture(seed), size)[:, :, ::-1]
        for _ in range(rate):
            writer.write(np.ascontiguousarray(frame))
    writer.release()
    return path
