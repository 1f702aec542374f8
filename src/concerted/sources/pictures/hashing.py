"""One image or video file to its perceptual hash, or to the reason why it has none."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from concerted.errors import MissingExtra
from concerted.sources.pictures.pdq import LEAST_QUALITY, SMALLEST, pdq

Pixels = npt.NDArray[np.uint8]

# what is tried, by the first bytes: a playlist could send a decoder to the network, others run programs
IMAGES = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "AVIF")
VIDEOS = ((4, b"ftyp"), (0, b"\x1aE\xdf\xa3"), (8, b"AVI "), (0, b"FLV\x01"), (0, b"OggS"))
STILLS = (b"avif", b"avis", b"mif1", b"msf1", b"heic", b"heix")
LARGEST = 100_000_000  # pixels; more is no photograph, and may be made to fill the memory
SIDE = 512  # as the published hasher does, pictures are shrunk to this before they are hashed
SECONDS = 120  # of a video are looked at, one picture a second

NO_PICTURE = "files that are no image or video, or of a kind that is not opened"
BROKEN = "images or videos that are damaged"
FLAT = "images or videos with too little in them to be told apart"
TOO_LARGE = "images that are larger than 100 million pixels"


class Look(NamedTuple):
    """What a file looks like: `kind` image or video; `hash` of `hash_kind` pdq (64 hexadecimal digits) or
    vpdq (several of these, parted by full stops), else the `reason` why there is none."""

    kind: str | None
    hash: str | None
    hash_kind: str | None
    reason: str = ""


def look(path: Path) -> Look:
    """The hash of one file. Raises MissingExtra where the libraries are not installed."""
    try:
        with path.open("rb") as file:
            head = file.read(16)
    except OSError:
        return Look(None, None, None, BROKEN)
    moving = any(head[at : at + len(sign)] == sign for at, sign in VIDEOS) and head[8:12] not in STILLS
    return _video(path) if moving else _image(path)


def _image(path: Path) -> Look:
    if find_spec("PIL") is None:
        raise MissingExtra("pillow", "media")
    import warnings

    from PIL import Image, UnidentifiedImageError

    Image.init()
    kinds = [kind for kind in IMAGES if kind in Image.OPEN]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path, formats=kinds) as image:
                if image.width * image.height > LARGEST:
                    return Look("image", None, None, TOO_LARGE)
                small = _small(image)
    except UnidentifiedImageError:
        return Look(None, None, None, NO_PICTURE)
    except Image.DecompressionBombError:
        return Look("image", None, None, TOO_LARGE)
    except Exception:  # decoders fail on strangers' files in every way there is; each is counted
        return Look("image", None, None, BROKEN)
    found = _hashed(small)
    return Look("image", found, "pdq") if found else Look("image", None, None, FLAT)


def _small(image: Any) -> Pixels:
    """The picture upright, on white where it is transparent, at most `SIDE` pixels a side."""
    from PIL import Image, ImageOps

    image.draft("RGB", (SIDE, SIDE))
    if image.mode == "P":
        image = image.convert("RGBA")
    image.thumbnail((SIDE, SIDE))
    upright = ImageOps.exif_transpose(image).convert("RGBA")
    white = Image.new("RGBA", upright.size, "white")
    return np.asarray(Image.alpha_composite(white, upright).convert("RGB"), dtype=np.uint8)


def _video(path: Path) -> Look:
    if find_spec("cv2") is None:
        raise MissingExtra("opencv-python-headless", "media")
    seen: dict[str, None] = {}
    frames = 0
    for frame in _frames(path):
        frames += 1
        found = _hashed(frame)
        if found:
            seen.setdefault(found)
    if not frames:
        return Look("video", None, None, BROKEN)
    return Look("video", ".".join(seen), "vpdq") if seen else Look("video", None, None, FLAT)


def _frames(path: Path) -> Iterator[Pixels]:
    """The first picture of each second."""
    # damaged files make the decoder write to the terminal, which is not its to write to
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    import cv2

    video = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    try:
        second = 0
        while second < SECONDS and video.grab():
            # the time of the picture just taken, not of the next
            if video.get(cv2.CAP_PROP_POS_MSEC) < 1000 * second:
                continue
            taken, frame = video.retrieve()
            if not taken:
                return
            scale = SIDE / max(frame.shape[:2])
            if scale < 1:
                frame = cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            yield np.asarray(frame[:, :, ::-1], dtype=np.uint8)
            second += 1
    finally:
        video.release()


def _hashed(pixels: Pixels) -> str | None:
    if min(pixels.shape[:2]) < SMALLEST:
        return None
    found, quality = pdq(pixels)
    return found if quality >= LEAST_QUALITY else None
