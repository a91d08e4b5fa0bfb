"""Small pictures of pictures, as WebP. The door to Pillow."""

import io
from typing import Final

from PIL import Image, ImageOps

from admin.sandbox.answer import Part

THUMB: Final = 480
PREVIEW: Final = 1600
MOST_PIXELS: Final = 50_000_000
"""A larger picture is sent as it is, without a preview: decoding it would need too much memory."""
FORMATS: Final = {
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "image/gif": "GIF",
    "image/webp": "WEBP",
    "image/bmp": "BMP",
    "image/tiff": "TIFF",
}


def warm_up() -> None:
    """Load what Pillow loads late."""
    Image.init()
    picture = Image.new("RGB", (8, 8))
    for name in FORMATS.values():
        file = io.BytesIO()
        picture.save(file, name)
        with Image.open(io.BytesIO(file.getvalue()), formats=[name]) as again:
            ImageOps.exif_transpose(again).convert("RGBA").load()


def size_of(kind: str, content: bytes) -> tuple[int, int]:
    """Return width and height as they are shown. Raises ValueError where it is no such picture."""
    with _opened(kind, content) as picture:
        turned = picture.getexif().get(0x0112, 1) >= 5
        return (picture.height, picture.width) if turned else picture.size


def previews_of(kind: str, content: bytes) -> list[Part]:
    """Return a thumbnail and a preview, the right way up. Raises ValueError where it cannot be decoded."""
    with _opened(kind, content) as picture:
        if picture.width * picture.height > MOST_PIXELS:
            return []
        picture.draft("RGB", (PREVIEW, PREVIEW))
        return small(ImageOps.exif_transpose(picture))


def small(picture: Image.Image) -> list[Part]:
    """Return a thumbnail and a preview of a picture that is decoded, or can be."""
    shown = picture.convert("RGBA" if "A" in picture.getbands() or "transparency" in picture.info else "RGB")
    parts = []
    for role, most in (("preview", PREVIEW), ("thumb", THUMB)):
        shown.thumbnail((most, most), Image.Resampling.LANCZOS)
        file = io.BytesIO()
        # Pixels alone: whatever else stood in the picture is not carried over.
        Image.frombytes(shown.mode, shown.size, shown.tobytes()).save(file, "WEBP", quality=80, method=3)
        parts.append(Part(role, "image/webp", shown.width, shown.height, file.getvalue()))
    return parts


def _opened(kind: str, content: bytes) -> Image.Image:
    Image.MAX_IMAGE_PIXELS = None  # counted here, before anything is decoded
    try:
        return Image.open(io.BytesIO(content), formats=[FORMATS[kind]])
    except (KeyError, OSError, SyntaxError) as error:
        raise ValueError(kind) from error
