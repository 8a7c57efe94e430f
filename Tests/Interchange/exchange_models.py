#!/usr/bin/env python3
"""Sends models from PyTorch to Swift and back, and compares their predictions.

    swift build -c release --product ResNet && swift build -c release --product Transformer
    python Tests/Interchange/exchange_models.py [--programs .build/release]

Needs torch and safetensors. For each model, PyTorch's state_dict is saved as a safetensors file; our program loads it, scores
1,000 inputs and saves the weights again. The scores must agree to 1e-4, and the probabilities, summed over 10,000 inputs, to
0.01. The weights that come back must load by name and have the same bits.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

import torch
from safetensors.torch import load_file, save_file

import models

TOLERANCE = 1e-4


def images(*shape):
    return lambda count: torch.randn(count, *shape)


def token_sequences(count, longest=24):
    """Sequences of 2 to `longest` tokens from 1 to 11, padded with zeros."""
    lengths = torch.randint(2, longest + 1, (count, 1))
    return torch.where(torch.arange(longest) < lengths, torch.randint(1, 12, (count, longest)), 0)


# For each model: the program and its options, the inputs' name, and functions that make the inputs and the model.
CASES = {
    "lenet": ("ResNet", ["--model", "lenet"], "images", images(1, 28, 28), models.lenet),
    "resnet18": ("ResNet", ["--model", "resnet18"], "images", images(3, 64, 64), models.ResNet18),
    "transformer": ("Transformer", [], "tokens", token_sequences, models.SequenceClassifier),
}


def make(build, sample):
    """A model with running statistics and a last layer that differ from their initial values."""
    model = build()
    with torch.no_grad():
        for _ in range(3):
            inputs = sample(16)
            model(2 * inputs + 0.3 if inputs.is_floating_point() else inputs)
        list(model.parameters())[-2].mul_(10)
    return model.eval()


def exchange(name, programs, folder):
    program, options, kind, sample, build = CASES[name]
    model = make(build, sample)
    inputs = sample(1000)
    paths = {part: str(folder / f"{name}-{part}.safetensors") for part in ("weights", kind, "scores", "returned")}
    save_file(model.state_dict(), paths["weights"], metadata={"format": "pt"})
    save_file({kind: inputs}, paths[kind])
    subprocess.run(
        [programs / program, *options, "--load", paths["weights"], f"--{kind}", paths[kind],
         "--scores", paths["scores"], "--save", paths["returned"]], check=True, stdout=subprocess.DEVNULL)
    with torch.no_grad():
        expected = torch.cat([model(part) for part in inputs.split(100)])
    scores = load_file(paths["scores"])["scores"]
    difference = (scores - expected).abs().max().item()
    # The fifth notebook's bound for weights trained elsewhere: a sum over the probabilities of ten thousand images.
    distance = (scores.softmax(1) - expected.softmax(1)).abs().sum().item() * 10_000 / len(inputs)
    twin = build()
    twin.load_state_dict(load_file(paths["returned"]))
    same = all(torch.equal(a, b) for a, b in zip(model.state_dict().values(), twin.state_dict().values()))
    print(f"{name}: largest difference {difference:.2e} of scores up to {expected.abs().max():.2f}; "
          f"of 10,000 predictions {distance:.4f} in all; weights {'came back the same' if same else 'CHANGED'}")
    return difference <= TOLERANCE and distance < 0.01 and same


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--programs", type=pathlib.Path, default=pathlib.Path(".build/release"))
    parser.add_argument("--only", choices=CASES, nargs="*", default=list(CASES))
    options = parser.parse_args()
    torch.manual_seed(1)
    with tempfile.TemporaryDirectory() as folder:
        results = [exchange(name, options.programs.resolve(), pathlib.Path(folder)) for name in options.only]
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
