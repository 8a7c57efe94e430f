#!/usr/bin/env python3
"""Writes runs.json: long runs of optimizers and schedules by PyTorch, for Tests/ConformanceTests/RunTests.swift.

Starts and gradients are formulas (`number`), so that only what PyTorch made of them is stored. Scalars of a rule's state are
kept in float64 (the default type), and Muon iterates in the parameters' type instead of bfloat16.
"""

import itertools
import json
import math
import os

import torch
from torch.optim import lr_scheduler, swa_utils

torch.set_default_dtype(torch.float64)
torch.Tensor.bfloat16 = lambda self: self.clone()
STEPS, STORED = 50, (2, 25, 50)
SHAPES = [[3], [2, 3], [], [0], [2, 2, 2]]


def number(kind, step, parameter, place):
    """What stands at a place of a start (kind 0) or of a gradient (kind 1); both sides compute it the same way."""
    x = 1 + 17 * kind + 5 * step + 3 * parameter + 7 * place
    return math.sin(x * x)


def numbers(kind, step, parameter, shape):
    values = [number(kind, step, parameter, place) for place in range(math.prod(shape))]
    return torch.tensor(values).reshape(shape)


def run(name, optimizer, arguments, shapes, dtype=torch.float64):
    """50 steps with two groups, gradients that are missing, rates that change; the parameters after some of them."""
    parameters = [numbers(0, 0, k, shape).to(dtype).requires_grad_() for k, shape in enumerate(shapes)]
    groups = [{"params": parameters[::2]}, {"params": parameters[1::2], "lr": 0.03}]
    if optimizer != "Rprop":
        groups[1]["weight_decay"] = 0.2
    arguments = {k: tuple(v) if isinstance(v, list) else v for k, v in arguments.items()}
    rule = getattr(torch.optim, optimizer)(groups, **arguments)
    stored = []
    for step in range(1, STEPS + 1):
        for k, parameter in enumerate(parameters):
            parameter.grad = None if (step + k) % 4 == 0 else numbers(1, step, k, shapes[k]).to(dtype)
        if step in (20, 40):
            for group in rule.param_groups:
                group["lr"] *= 0.5
        rule.step()
        if step in STORED:
            stored.append([parameter.detach().double().flatten().tolist() for parameter in parameters])
    return stored


def runs():
    decays = [{}, {"weight_decay": 0.1, "maximize": True}]
    betas = [{}, {"betas": [0.3, 0.5]}, {"betas": [0.0, 0.9], "eps": 1e-3}]
    options = {
        "SGD": [{"lr": 0.1}, {"lr": 0.05, "momentum": 0.9}, {"lr": 0.05, "momentum": 0.8, "dampening": 0.4},
                {"lr": 0.02, "momentum": 0.9, "nesterov": True}],
        "Adam": [dict(b, **o) for b in betas for o in ({}, {"amsgrad": True})] + [{"decoupled_weight_decay": True}],
        "AdamW": [dict(b, **o) for b in betas for o in ({}, {"amsgrad": True})],
        "Adamax": betas,
        "NAdam": betas + [{"momentum_decay": 0.3, "decoupled_weight_decay": True}],
        "RAdam": betas + [{"decoupled_weight_decay": True}],
        "Adagrad": [{}, {"lr": 0.1, "lr_decay": 0.1, "initial_accumulator_value": 0.3, "eps": 1e-3}],
        "Adadelta": [{}, {"lr": 0.5, "rho": 0.5, "eps": 1e-2}],
        "RMSprop": [{"centered": c, "momentum": m, "alpha": a, "eps": 1e-3}
                    for c, m, a in itertools.product((False, True), (0, 0.8), (0.8, 0.99))],
        "Rprop": [{}, {"etas": [0.3, 2.0], "step_sizes": [1e-3, 0.2]}],
        "ASGD": [{}, {"lr": 0.1, "lambd": 0.1, "alpha": 0.5, "t0": 5}],
        "Adafactor": [{}, {"lr": 0.1, "beta2_decay": -0.5, "d": 2.0, "eps": [1e-3, 1e-2]}],
        "Muon": [{}, {"lr": 0.02, "nesterov": False, "ns_steps": 3, "adjust_lr_fn": "match_rms_adamw"},
                 {"momentum": 0.5, "ns_coefficients": [2.0, -1.5, 0.5], "eps": 10.0}],
    }
    for optimizer, variants in options.items():
        shapes = [s for s in SHAPES if optimizer != "Adafactor" or 0 not in s]
        if optimizer == "Muon":
            shapes = [[2, 3], [4, 2], [3, 3], [1, 5]]
        for variant, decay in itertools.product(variants, decays):
            arguments = dict(variant, **decay)
            if optimizer == "Rprop":
                arguments.pop("weight_decay", None)
            if optimizer == "Muon":
                arguments.pop("maximize", None)
            name = f"{optimizer} " + " ".join(f"{k}={v}" for k, v in arguments.items())
            expected = run(name, optimizer, arguments, shapes)
            single = run(name, optimizer, arguments, shapes, torch.float32)
            flat = [[v for step in r for p in step for v in p] for r in (expected, single)]
            error = max(abs(a - b) for a, b in zip(*flat))
            yield {"name": name.strip(), "rule": optimizer, "arguments": arguments, "shapes": shapes,
                   "float32Error": float(f"{error:.1e}"), "stored": list(STORED), "expected": expected}


def objective(kind, x, y):
    if kind == "valley":
        return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum() + (y - 1).pow(4).sum()
    if kind == "waves":
        return (x.sin() * y.cos()).sum() + 0.1 * (x * x).sum() + 0.1 * (y * y).sum()
    return torch.log1p(torch.exp(-x * torch.arange(1, 4))).sum() + 0.05 * (x * x).sum()  # of x alone


def search(kind, arguments, shift=0.0):
    x = (2 * numbers(0, 0, 0, [3]) + shift).requires_grad_()
    y = numbers(0, 0, 1, [3]).requires_grad_()
    rule = torch.optim.LBFGS([x, y], **arguments)
    stored, evaluations = [], 0

    def closure():
        nonlocal evaluations
        evaluations += 1
        rule.zero_grad()
        loss = objective(kind, x, y)
        loss.backward()
        return loss

    for step in range(5):
        if step == 3:
            rule.param_groups[0]["lr"] = 0.3
        loss = float(rule.step(closure).detach())
        stored.append({"x": x.tolist(), "y": y.tolist(), "loss": loss, "evaluations": evaluations})
    return stored


def searches():
    """Those that rounding cannot lead elsewhere."""
    options = itertools.product(
        ("valley", "waves", "logistic"), (None, "strong_wolfe"), (1, 0.1),
        ({}, {"max_iter": 4, "history_size": 2}, {"max_iter": 6, "max_eval": 3, "tolerance_change": 0.0},
         {"tolerance_grad": 1e-3, "tolerance_change": 1e-4}))
    for kind, line, rate, others in options:
        arguments = dict(others, lr=rate, line_search_fn=line)
        expected, moved = search(kind, arguments), search(kind, arguments, 1e-14)
        same = all(
            a["evaluations"] == b["evaluations"]
            and all(abs(u - v) < 1e-10 * max(1, abs(u)) for u, v in zip(a["x"] + a["y"], b["x"] + b["y"]))
            for a, b in zip(expected, moved))
        if same:
            yield {"kind": kind, "arguments": arguments, "expected": expected}


def schedule(optimizer, name, arguments):
    if name == "MultiplicativeLR":
        return lr_scheduler.MultiplicativeLR(optimizer, lambda t: arguments["factor"] + 0.1 * (t % 2))
    if name == "SWALR":
        return swa_utils.SWALR(optimizer, **arguments)
    if name in ("SequentialLR", "ChainedScheduler"):
        parts = [schedule(optimizer, part["scheduler"], part["arguments"]) for part in arguments["schedulers"]]
        if name == "ChainedScheduler":
            return lr_scheduler.ChainedScheduler(parts, optimizer)
        return lr_scheduler.SequentialLR(optimizer, parts, milestones=arguments["milestones"])
    return getattr(lr_scheduler, name)(optimizer, **arguments)


def schedules():
    def part(name, **arguments):
        return {"scheduler": name, "arguments": arguments}

    momenta = {"cycle_momentum": True, "base_momentum": 0.8, "max_momentum": 0.95}
    cases = [
        part("StepLR", step_size=7, gamma=0.5), part("MultiStepLR", milestones=[5, 30, 30, 90], gamma=0.3),
        part("ConstantLR", factor=0.2, total_iters=20), part("ExponentialLR", gamma=0.97),
        part("LinearLR", start_factor=0.1, end_factor=0.7, total_iters=60),
        part("PolynomialLR", total_iters=80, power=0.5), part("PolynomialLR", total_iters=80, power=2.0),
        part("MultiplicativeLR", factor=0.92), part("CosineAnnealingLR", T_max=35, eta_min=1e-3),
        part("CosineAnnealingWarmRestarts", T_0=10, T_mult=1, eta_min=1e-3),
        part("CosineAnnealingWarmRestarts", T_0=5, T_mult=3), part("SWALR", swa_lr=0.02, anneal_epochs=40),
        part("SWALR", swa_lr=0.02, anneal_epochs=40, anneal_strategy="linear"),
        part("SequentialLR", milestones=[20, 70], schedulers=[
            part("LinearLR", total_iters=20), part("CosineAnnealingLR", T_max=50), part("ConstantLR", factor=0.1)]),
        part("SequentialLR", milestones=[20, 70], schedulers=[
            part("ExponentialLR", gamma=0.9), part("MultiplicativeLR", factor=0.95), part("MultiplicativeLR", factor=0.9)]),
        part("ChainedScheduler", schedulers=[
            part("ConstantLR", factor=0.1, total_iters=9), part("ExponentialLR", gamma=0.97), part("StepLR", step_size=30)]),
        part("ChainedScheduler", schedulers=[
            part("LinearLR", total_iters=15), part("MultiplicativeLR", factor=0.93), part("PolynomialLR", total_iters=90)]),
    ]
    for phases, curve in itertools.product((False, True), ("cos", "linear")):
        cases.append(part("OneCycleLR", max_lr=0.5, total_steps=130, pct_start=0.35, anneal_strategy=curve, div_factor=10.0,
                          final_div_factor=100.0, three_phase=phases, **momenta))
    for mode, down in (("triangular", 7), ("triangular2", None), ("exp_range", 25)):
        cases.append(part("CyclicLR", base_lr=0.01, max_lr=0.5, step_size_up=12, step_size_down=down, mode=mode, gamma=0.98,
                          **momenta))
    for case in cases:
        parameters = [torch.zeros(1, requires_grad=True) for _ in range(2)]
        optimizer = torch.optim.SGD(
            [{"params": parameters[:1]}, {"params": parameters[1:], "lr": 0.04}], lr=0.1, momentum=0.9)
        scheduler = schedule(optimizer, case["scheduler"], case["arguments"])
        rates, momentum = [], []
        for _ in range(105):
            rates.append([group["lr"] for group in optimizer.param_groups])
            momentum.append(optimizer.param_groups[0]["momentum"])
            optimizer.step()
            scheduler.step()
        cycles = case["arguments"].get("cycle_momentum", False)
        yield dict(case, rates=rates, momentum=momentum if cycles else None)


def plateaus():
    for mode, unit, cooldown, least in itertools.product(("min", "max"), ("rel", "abs"), (0, 4), (0, 0.01)):
        arguments = {"mode": mode, "threshold_mode": unit, "threshold": 0.05, "cooldown": cooldown, "min_lr": least,
                     "factor": 0.6, "patience": 2, "eps": 1e-4}
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
        scheduler = lr_scheduler.ReduceLROnPlateau(optimizer, **arguments)
        metrics = [math.sin(0.07 * t * t) + (2 - t / 50 if mode == "min" else t / 50) for t in range(101)]
        rates = []
        for metric in metrics:
            scheduler.step(metric)
            rates.append(optimizer.param_groups[0]["lr"])
        yield {"arguments": arguments, "metrics": metrics, "rates": rates}


folder = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(folder, "runs.json"), "w") as file:
    content = {"source": f"torch {torch.__version__.split('+')[0]}", "runs": list(runs()), "searches": list(searches()),
               "schedules": list(schedules()), "plateaus": list(plateaus())}
    lines = ",\n".join(
        f'"{key}": ' + (json.dumps(value) if isinstance(value, str) else
                        "[\n" + ",\n".join(json.dumps(v) for v in value) + "]") for key, value in content.items())
    file.write("{" + lines + "}\n")
