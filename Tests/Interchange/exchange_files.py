#!/usr/bin/env python3
"""Sends safetensors and NumPy files through Swift and back, and compares every bit.

    swift build -c release --product InterchangeFiles
    python Tests/Interchange/exchange_files.py [--program .build/release/InterchangeFiles]

Needs torch, safetensors and numpy. Covers every type, including those that are widened on load; scalars and empty tensors;
both byte orders and both axis orders. The reference libraries read what Swift writes, and Swift's safetensors and .npy
files must equal theirs byte for byte.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import torch
from safetensors.torch import load_file, save_file

SHAPES = [(), (0,), (3, 0, 2), (1,), (7,), (2, 3, 5), (1, 2, 1, 3, 1, 2, 1, 2), (300, 411)]
OWN = [torch.float32, torch.float64, torch.int32, torch.int64, torch.uint8, torch.bool]
WIDENED = {
    torch.float16: torch.float32, torch.bfloat16: torch.float32, torch.float8_e4m3fn: torch.float32,
    torch.float8_e5m2: torch.float32, torch.int8: torch.int32, torch.int16: torch.int32, torch.uint16: torch.int32,
    torch.uint32: torch.int64, torch.uint64: torch.int64}
NUMPY = ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1"]
NUMPY_WIDENED = {"f2": "f4", "i1": "i4", "i2": "i4", "u2": "i4", "u4": "i8", "u8": "i8"}


def random_tensor(dtype, shape):
    """Any bits that a type can have, including infinities, NaN and subnormal numbers."""
    count = int(np.prod(shape))
    if dtype == torch.bool:
        return torch.rand(shape) < 0.5
    data = torch.randint(0, 256, (count * dtype.itemsize,), dtype=torch.uint8)
    if dtype == torch.uint64:
        data = data.view(count, 8).clone()
        data[:, 7] &= 0x7F  # the range of int64
        data = data.reshape(-1)
    return data.view(dtype).reshape(shape)


def same(a, b):
    """Whether two arrays agree in type, shape and all values; all NaNs count as equal."""
    a, b = np.asarray(a), np.asarray(b)
    return a.dtype == b.dtype and a.shape == b.shape and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")


class Exchange:
    def __init__(self, program, folder):
        self.program, self.folder, self.failures, self.count = program, folder, 0, 0

    def path(self, name):
        return str(self.folder / name)

    def run(self, source, target, *options):
        subprocess.run([self.program, self.path(source), self.path(target), *options], check=True)

    def check(self, what, holds):
        self.count += 1
        if not holds:
            self.failures += 1
            print("differs:", what)

    def safetensors(self):
        tensors = {f"{dtype} {shape}": random_tensor(dtype, shape) for dtype in OWN for shape in SHAPES}
        save_file(tensors, self.path("own.safetensors"), {"format": "pt"})
        self.run("own.safetensors", "returned.safetensors")
        self.check("own types, byte by byte", (self.folder / "own.safetensors").read_bytes()
                   == (self.folder / "returned.safetensors").read_bytes())
        narrow = {f"{dtype} {shape}": random_tensor(dtype, shape) for dtype in WIDENED for shape in SHAPES}
        save_file(narrow, self.path("narrow.safetensors"))
        self.run("narrow.safetensors", "wide.safetensors")
        wide = load_file(self.path("wide.safetensors"))
        self.check("names", wide.keys() == narrow.keys())
        for name, tensor in narrow.items():
            self.check(name, same(wide[name].numpy(), tensor.to(WIDENED[tensor.dtype]).numpy()))

    def arrays(self):
        for kind in NUMPY:
            for shape in SHAPES:
                for order in "<>":
                    for axes in "CF":
                        dtype = np.dtype(order + kind)
                        data = np.random.default_rng(1).bytes(int(np.prod(shape)) * dtype.itemsize)
                        array = np.frombuffer(data, dtype).reshape(shape)
                        if kind == "b1":
                            array = array.view("u1") > 127
                        elif kind == "u8":
                            array = array & dtype.type(2**63 - 1)
                        yield f"{dtype.str} {shape} {axes}", np.require(array.astype(dtype), requirements=[axes])

    def numpy(self):
        arrays, plain = dict(self.arrays()), {}
        for name, array in arrays.items():
            wide = np.dtype(NUMPY_WIDENED.get(array.dtype.str[1:], array.dtype.str[1:]))
            with np.errstate(invalid="ignore"):
                plain[name] = np.ascontiguousarray(array).reshape(array.shape).astype(wide)
            np.save(self.path("array.npy"), array)
            self.run("array.npy", "returned.npy")
            np.save(self.path("expected.npy"), plain[name])
            returned = np.load(self.path("returned.npy"))
            self.check(name, same(returned, plain[name]))
            if array.dtype.kind != "f":
                self.check(f"{name}, byte by byte", (self.folder / "returned.npy").read_bytes()
                           == (self.folder / "expected.npy").read_bytes())
        for save in (np.savez, np.savez_compressed):
            for options in ([], ["--compressed"]):
                save(self.path("arrays.npz"), **arrays)
                self.run("arrays.npz", "returned.npz", *options)
                returned = np.load(self.path("returned.npz"))
                self.check("names", set(returned.files) == set(arrays))
                for name in arrays:
                    self.check(f"{name} in {save.__name__}", same(returned[name], plain[name]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=".build/release/InterchangeFiles")
    options = parser.parse_args()
    torch.manual_seed(1)
    with tempfile.TemporaryDirectory() as folder:
        exchange = Exchange(options.program, pathlib.Path(folder))
        exchange.safetensors()
        exchange.numpy()
    print(f"{exchange.count} comparisons, {exchange.failures} differ")
    sys.exit(1 if exchange.failures else 0)


if __name__ == "__main__":
    main()
