"""Rounds the float32 tensors of a safetensors file to float16: round_weights.py IN OUT."""

import json
import struct
import sys
from array import array


def round_to_half(values: bytes) -> bytes:
    floats = array("f")
    floats.frombytes(values)
    return struct.pack(f"<{len(floats)}e", *floats)


def main(source: str, target: str) -> None:
    with open(source, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = file.read()
    metadata = header.pop("__metadata__", {"format": "pt"})
    rounded = {"__metadata__": metadata}
    body = bytearray()
    for name in sorted(header):
        begin, end = header[name]["data_offsets"]
        if header[name]["dtype"] != "F32":
            sys.exit(f"{source}: tensor {name} is {header[name]['dtype']}, wanted F32")
        half = round_to_half(data[begin:end])
        rounded[name] = {
            "dtype": "F16",
            "shape": header[name]["shape"],
            "data_offsets": [len(body), len(body) + len(half)],
        }
        body += half
    text = json.dumps(rounded, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(target, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + body)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
