"""Archives that depend on what is in them, and on no clock, user, umask or order of a folder.

Another zlib may compress the same content to other bytes.
"""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

# Zip knows no earlier time, and no time zone.
ZIP_TIME = (1980, 1, 1, 0, 0, 0)
TAR_TIME = 315532800
EXECUTABLE = 0o755
READABLE = 0o644


def function_archive(binary: Path, archive: Path, compression: int) -> None:
    """Writes the code of a function, as Lambda takes it."""
    entry = zipfile.ZipInfo("bootstrap", ZIP_TIME)
    entry.create_system = 3  # Unix, so that the next line has a meaning.
    entry.external_attr = (0o100000 | EXECUTABLE) << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr(entry, binary.read_bytes(), compresslevel=compression)


def tar_archive(files: Mapping[str, tuple[bytes, int]], archive: Path, compression: int) -> None:
    """Writes these files, each with its mode, below a folder that is named like the archive."""
    root = archive.name.removesuffix(".tar.gz")
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, (content, mode) in sorted(files.items()):
            entry = tarfile.TarInfo(f"{root}/{name}")
            entry.size, entry.mode, entry.mtime = len(content), mode, TAR_TIME
            tar.addfile(entry, io.BytesIO(content))
    with archive.open("wb") as raw, gzip.GzipFile("", "wb", compression, raw, mtime=0) as file:
        file.write(plain.getvalue())
