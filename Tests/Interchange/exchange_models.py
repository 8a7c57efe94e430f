#!/usr/bin/env python3
"""Sends models from PyTorch to Swift and back, and compares their predictions.

    swift build -c release --product ResNet
    python Tests/Interchange/exchange_models.py [--program .build/release/ResNet]

Needs torch and safetensors. For each model: PyTorch's state_dict becomes a safetensors file, our program loads it, scores 1,000
inputs and saves the weights again; the scores must agree to 1e-4, and the weights that come back must load by name and be
the same bits.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

import torch
from safetensors.torch import load_file, save_file

import models

CASES = {"lenet": (models.lenet, (1, 28, 28)), "resnet18": (models.ResNet18, (3, 64, 64))}
TOLERANCE = 1e-4


def make(build, shape):
    """A model whose running statistics and last layer are not those of the start."""
    model = build()
    with torch.no_grad():
        for _ in range(3):
            model(2 * torch.randn(16, *shape) + 0.3)
        list(model.parameters())[-2].mul_(10)
    return model.eval()


def exchange(name, program, folder):
    build, shape = CASES[name]
    model = make(build, shape)
    images = torch.randn(1000, *shape)
    paths = {part: str(folder / f"{name}-{part}.safetensors") for part in ("weights", "images", "scores", "returned")}
    save_file(model.state_dict(), paths["weights"], metadata={"format": "pt"})
    save_file({"images": images}, paths["images"])
    subprocess.run(
        [program, "--model", name, "--load", paths["weights"], "--images", paths["images"],
         "--scores", paths["scores"], "--save", paths["returned"]], check=True, stdout=subprocess.DEVNULL)
    with torch.no_grad():
        expected = torch.cat([model(part) for part in images.split(100)])
    difference = (load_file(paths["scores"])["scores"] - expected).abs().max().item()
    twin = build()
    twin.load_state_dict(load_file(paths["returned"]))
    same = all(torch.equal(a, b) for a, b in zip(model.state_dict().values(), twin.state_dict().values()))
    print(f"{name}: largest difference {difference:.2e} of scores up to {expected.abs().max():.2f}; "
          f"weights {'came back the same' if same else 'CHANGED'}")
    return difference <= TOLERANCE and same


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=".build/release/ResNet")
    options = parser.parse_args()
    torch.manual_seed(1)
    with tempfile.TemporaryDirectory() as folder:
        results = [exchange(name, options.program, pathlib.Path(folder)) for name in CASES]
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
