# entry: solve
# arguments: [2000]
import hashlib
import struct
import zlib


def solve(n):
    data = b"".join(struct.pack("<Id", i, i / 2) for i in range(n))
    view = memoryview(data)[8:-8]
    packed = zlib.compress(data[:6000], 6)
    return hashlib.sha256(view).hexdigest(), zlib.crc32(data), len(packed), zlib.decompress(packed)[:4]
