"""Every op of Benchmarks/OpWorkloads*.swift in eager PyTorch, one row per op, on about a million float32 elements."""

import math
from functools import reduce

import torch
from torch.nn import functional as F

SQUARE = (1000, 1000)
CUBE = (100, 100, 100)
HALVES = {"rows": (500, 1000), "columns": (1000, 500)}
IMAGES = (16, 64, 32, 32)
SEQUENCES = (16, 64, 1000)
HEADS = (8, 8, 128, 64)
BATCH = (16, 250, 250)


def leaf(shape, low=-2, high=2):
    return torch.empty(shape).uniform_(low, high).requires_grad_()


def step(leaves, function):
    """The function's value, then the gradients of all leaves from a fixed upstream gradient."""
    upstream = torch.empty_like(function(*leaves), memory_format=torch.contiguous_format).uniform_(-1, 1)
    return lambda: torch.autograd.grad(function(*leaves), leaves, upstream)


def op(function, *shapes, low=-2, high=2):
    return lambda: step([leaf(shape, low, high) for shape in shapes or [SQUARE]], function)


def pair(function, low=-2, high=2):
    return op(function, SQUARE, SQUARE, low=low, high=high)


def forward(function):
    """An op without a gradient: forward only."""

    def prepare():
        x = leaf(SQUARE).detach()
        return lambda: function(x)

    return prepare


def given(make, function, *shapes):
    """A function of leaves and of a constant that is made once."""

    def prepare():
        known = make()
        return step([leaf(shape) for shape in shapes or [SQUARE]], lambda *leaves: function(*leaves, known))

    return prepare


def mask():
    return torch.rand(SQUARE) < 0.5


def index():
    return torch.randint(1000, SQUARE)


def positions():
    return torch.randint(1000, (1000,))


def one_hot():
    labels = torch.randint(100, (10_000,))
    return lambda: F.one_hot(labels, 100)


FUNCTIONS = {
    "neg": op(torch.neg),
    "abs": op(torch.abs),
    "sign": forward(torch.sign),
    "exp": op(torch.exp),
    "expm1": op(torch.expm1),
    "log": op(torch.log, low=0.1, high=3),
    "log1p": op(torch.log1p, low=-0.9, high=3),
    "log2": op(torch.log2, low=0.1, high=3),
    "sqrt": op(torch.sqrt, low=0.1, high=3),
    "rsqrt": op(torch.rsqrt, low=0.1, high=3),
    "square": op(torch.square),
    "reciprocal": op(torch.reciprocal, low=0.1, high=3),
    "sin": op(torch.sin, low=-4, high=4),
    "cos": op(torch.cos, low=-4, high=4),
    "tan": op(torch.tan, low=-1.5, high=1.5),
    "asin": op(torch.asin, low=-0.95, high=0.95),
    "acos": op(torch.acos, low=-0.95, high=0.95),
    "atan": op(torch.atan),
    "sinh": op(torch.sinh),
    "cosh": op(torch.cosh),
    "asinh": op(torch.asinh),
    "acosh": op(torch.acosh, low=1.1, high=4),
    "atanh": op(torch.atanh, low=-0.95, high=0.95),
    "exp2": op(torch.exp2),
    "log10": op(torch.log10, low=0.1, high=3),
    "sinc": op(torch.sinc, low=-4, high=4),
    "erfc": op(torch.erfc),
    "erfinv": op(torch.erfinv, low=-0.95, high=0.95),
    "logit": op(torch.logit, low=0.05, high=0.95),
    "lgamma": op(torch.lgamma, low=-4, high=8),
    "digamma": op(torch.digamma, low=-4, high=8),
    "polygamma_1": op(lambda x: torch.polygamma(1, x), low=-4, high=8),
    "tanh": op(torch.tanh),
    "erf": op(torch.erf),
    "sigmoid": op(torch.sigmoid),
    "logsigmoid": op(F.logsigmoid),
    "softplus": op(F.softplus),
    "relu": op(torch.relu),
    "leaky_relu": op(F.leaky_relu),
    "elu": op(F.elu),
    "selu": op(F.selu),
    "celu": op(lambda x: F.celu(x, 0.7)),
    "gelu": op(F.gelu),
    "gelu_tanh": op(lambda x: F.gelu(x, approximate="tanh")),
    "silu": op(F.silu),
    "mish": op(F.mish),
    "hardtanh": op(F.hardtanh),
    "relu6": op(F.relu6, low=-2, high=8),
    "hardsigmoid": op(F.hardsigmoid, low=-4, high=4),
    "hardswish": op(F.hardswish, low=-4, high=4),
    "softsign": op(F.softsign),
    "tanhshrink": op(F.tanhshrink),
    "clamp": op(lambda x: torch.clamp(x, -1, 1)),
    "dropout": op(lambda x: F.dropout(x, 0.5)),
}

PAIRS = {
    "add": pair(torch.add),
    "sub": pair(torch.sub),
    "mul": pair(torch.mul),
    "div": pair(torch.div, low=0.5, high=3),
    "maximum": pair(torch.maximum),
    "minimum": pair(torch.minimum),
    "atan2": pair(torch.atan2),
    "hypot": pair(torch.hypot),
    "logaddexp": pair(torch.logaddexp),
    "xlogy": pair(torch.xlogy, low=0.1, high=2),
    "pow": pair(torch.pow, low=0.1, high=2),
    "lerp": pair(lambda x, y: torch.lerp(x, y, 0.3)),
    "where": given(mask, lambda x, y, m: torch.where(m, x, y), SQUARE, SQUARE),
    "add_row": op(torch.add, SQUARE, (1000,)),
    "mul_row": op(torch.mul, SQUARE, (1000,)),
    "mul_column": op(torch.mul, SQUARE, (1000, 1)),
    "div_row": op(torch.div, SQUARE, (1000,), low=0.5, high=3),
    "add_number": op(lambda x: x + 2.5),
    "mul_number": op(lambda x: x * 2.5),
    "div_number": op(lambda x: x / 2.5),
    "number_div": op(lambda x: 2.5 / x, low=0.5, high=3),
    "pow_2": op(lambda x: x.pow(2)),
    "pow_3": op(lambda x: x.pow(3)),
    "pow_2.5": op(lambda x: x.pow(2.5), low=0.1, high=2),
    "number_pow": op(lambda x: torch.pow(1.7, x)),
}


def reductions(name, function):
    return {
        name: op(function),
        name + "_0": op(lambda x: function(x, dim=0)),
        name + "_1": op(lambda x: function(x, dim=1)),
    }


REDUCTIONS = {
    **reductions("sum", torch.sum),
    **reductions("mean", torch.mean),
    **reductions("amax", torch.amax),
    **reductions("amin", torch.amin),
    **reductions("var", torch.var),
    **reductions("std", torch.std),
    **reductions("logsumexp", lambda x, dim=(0, 1): torch.logsumexp(x, dim)),
    **reductions("norm", torch.linalg.vector_norm),
    "norm_p1_1": op(lambda x: torch.linalg.vector_norm(x, 1, dim=1)),
    "norm_p3_1": op(lambda x: torch.linalg.vector_norm(x, 3, dim=1)),
    "norm_inf_1": op(lambda x: torch.linalg.vector_norm(x, math.inf, dim=1)),
    "prod_1": op(lambda x: torch.prod(x, 1), low=0.9, high=1.1),
    "prod_0": op(lambda x: torch.prod(x, 0), low=0.9, high=1.1),
    "sum_middle": op(lambda x: torch.sum(x, 1), CUBE),
    "sum_outer": op(lambda x: torch.sum(x, (0, 2)), CUBE),
}

ORDERS = {
    "argmax_1": forward(lambda x: torch.argmax(x, 1)),
    "argmax_0": forward(lambda x: torch.argmax(x, 0)),
    "argmin_1": forward(lambda x: torch.argmin(x, 1)),
    "max_1": op(lambda x: torch.max(x, 1).values),
    "max_0": op(lambda x: torch.max(x, 0).values),
    "min_1": op(lambda x: torch.min(x, 1).values),
    "cumsum_1": op(lambda x: torch.cumsum(x, 1)),
    "cumsum_0": op(lambda x: torch.cumsum(x, 0)),
    "cumprod_1": op(lambda x: torch.cumprod(x, 1), low=0.9, high=1.1),
    "cumprod_0": op(lambda x: torch.cumprod(x, 0), low=0.9, high=1.1),
    "softmax_1": op(lambda x: torch.softmax(x, 1)),
    "softmax_0": op(lambda x: torch.softmax(x, 0)),
    "log_softmax_1": op(lambda x: torch.log_softmax(x, 1)),
    "log_softmax_0": op(lambda x: torch.log_softmax(x, 0)),
    "sort_1": op(lambda x: torch.sort(x, dim=1, stable=True).values),
    "sort_0": op(lambda x: torch.sort(x, dim=0, stable=True).values),
    "topk_1": op(lambda x: torch.topk(x, 10, 1).values),
    "topk_0": op(lambda x: torch.topk(x, 10, 0).values),
    "cross_entropy": given(positions, lambda x, labels: F.cross_entropy(x, labels, reduction="none")),
}

SHAPES = {
    "transpose": op(lambda x: x.transpose(0, 1)),
    "transpose_copied": op(lambda x: x.transpose(0, 1).reshape(-1)),
    "permute_copied": op(lambda x: x.permute(2, 0, 1).reshape(-1), CUBE),
    "permute_inner_copied": op(lambda x: x.permute(0, 2, 1).reshape(-1), CUBE),
    "permute_outer_copied": op(lambda x: x.permute(1, 0, 2).reshape(-1), CUBE),
    "reshape": op(lambda x: x.reshape(500, 2000)),
    "flatten": op(lambda x: x.flatten(1), CUBE),
    "squeeze": op(lambda x: x.squeeze(1), (1000, 1, 1000)),
    "unsqueeze": op(lambda x: x.unsqueeze(1)),
    "expand": op(lambda x: x.expand(SQUARE), (1000, 1)),
    "expand_rows": op(lambda x: x.expand(SQUARE), (1, 1000)),
    "flip_0": op(lambda x: x.flip(0).reshape(-1)),
    "flip_1": op(lambda x: x.flip(1).reshape(-1)),
    "roll_0": op(lambda x: x.roll(3, 0)),
    "roll_1": op(lambda x: x.roll(3, 1)),
    "cat_0": op(lambda *x: torch.cat(x, 0), *2 * [HALVES["rows"]]),
    "cat_1": op(lambda *x: torch.cat(x, 1), *2 * [HALVES["columns"]]),
    "stack_0": op(lambda *x: torch.stack(x, 0), *2 * [HALVES["rows"]]),
    "stack_2": op(lambda *x: torch.stack(x, 2), *2 * [HALVES["rows"]]),
    "split": op(lambda x: reduce(torch.add, x.split(250, 1))),
    "chunk": op(lambda x: reduce(torch.add, x.chunk(4, 0))),
    "repeat": op(lambda x: x.repeat(2, 2), (500, 500)),
    "repeat_interleave_0": op(lambda x: x.repeat_interleave(2, 0), HALVES["rows"]),
    "repeat_interleave_1": op(lambda x: x.repeat_interleave(2, 1), HALVES["columns"]),
    "pad_constant": op(lambda x: F.pad(x, (3, 3, 3, 3))),
    "pad_reflect": op(lambda x: F.pad(x.reshape(1, 1000, 1000), (3, 3, 3, 3), mode="reflect")),
    "pad_replicate": op(lambda x: F.pad(x.reshape(1, 1000, 1000), (3, 3, 3, 3), mode="replicate")),
    "pad_circular": op(lambda x: F.pad(x.reshape(1, 1000, 1000), (3, 3, 3, 3), mode="circular")),
}

PLACES = {
    "slice_0": op(lambda x: x[100:900]),
    "slice_1": op(lambda x: x[:, 100:900]),
    "slice_step": op(lambda x: x[:, ::2].reshape(-1)),
    "select_0": op(lambda x: x.select(0, 7)),
    "select_1": op(lambda x: x.select(1, 7)),
    "index_select_0": given(positions, lambda x, places: x.index_select(0, places)),
    "index_select_1": given(positions, lambda x, places: x.index_select(1, places)),
    "gather_0": given(index, lambda x, places: x.gather(0, places)),
    "gather_1": given(index, lambda x, places: x.gather(1, places)),
    "take_along_dim": given(index, lambda x, places: torch.take_along_dim(x, places, 1)),
    "scatter_add_0": given(index, lambda x, y, places: x.scatter_add(0, places, y), SQUARE, SQUARE),
    "scatter_add_1": given(index, lambda x, y, places: x.scatter_add(1, places, y), SQUARE, SQUARE),
    "masked_fill": given(mask, lambda x, m: x.masked_fill(m, 1.5)),
    "masked_select": given(mask, lambda x, m: x.masked_select(m)),
    "tril": op(torch.tril),
    "triu": op(torch.triu),
    "diag": op(torch.diag, (1000,)),
    "diagonal": op(torch.diagonal),
    "trace": op(torch.trace),
    "one_hot": one_hot,
    "embedding": given(
        lambda: torch.randint(10_000, (100, 100)), lambda table, places: F.embedding(places, table), (10_000, 100)
    ),
}

PRODUCTS = {
    "matmul": pair(torch.matmul),
    "matmul_vector": op(torch.matmul, SQUARE, (1000,)),
    "bmm": op(torch.bmm, BATCH, BATCH),
    "dot": op(torch.dot, (1_000_000,), (1_000_000,)),
    "outer": op(torch.outer, (1000,), (1000,)),
    "einsum": op(lambda x, y: torch.einsum("bij,bjk->bik", x, y), BATCH, BATCH),
    "einsum_rows": pair(lambda x, y: torch.einsum("ij,ij->i", x, y)),
    "linear": op(F.linear, SQUARE, SQUARE, (1000,)),
    "bilinear": op(F.bilinear, (100, 100), (100, 100), CUBE, (100,)),
    "scaled_dot_product_attention": op(F.scaled_dot_product_attention, HEADS, HEADS, HEADS),
    "scaled_dot_product_attention_causal": op(
        lambda q, k, v: F.scaled_dot_product_attention(q, k, v, is_causal=True), HEADS, HEADS, HEADS
    ),
    "cosine_similarity": pair(F.cosine_similarity),
    "pairwise_distance": pair(F.pairwise_distance),
    "cdist": op(torch.cdist, (1000, 64), (1000, 64)),
    "cdist_p1": op(lambda x, y: torch.cdist(x, y, 1), (1000, 64), (1000, 64)),
    "normalize": op(F.normalize),
}


def batch_norm(x, weight, bias):
    return F.batch_norm(x, None, None, weight, bias, training=True)


NORMALIZATIONS = {
    "layer_norm": op(lambda x, w, b: F.layer_norm(x, (512,), w, b), (2048, 512), (512,), (512,)),
    "rms_norm": op(lambda x, w: F.rms_norm(x, (512,), w, 1e-5), (2048, 512), (512,)),
    "batch_norm": op(batch_norm, IMAGES, (64,), (64,)),
    "batch_norm_eval": given(
        lambda: (torch.randn(64), torch.rand(64) * 1.5 + 0.5),
        lambda x, w, b, known: F.batch_norm(x, *known, w, b),
        IMAGES, (64,), (64,),
    ),
    "group_norm": op(lambda x, w, b: F.group_norm(x, 8, w, b), IMAGES, (64,), (64,)),
    "instance_norm": op(lambda x, w, b: F.instance_norm(x, weight=w, bias=b), IMAGES, (64,), (64,)),
    "local_response_norm": op(lambda x: F.local_response_norm(x, 5), IMAGES),
}

WINDOWS = {
    "conv1d": op(lambda x, w, b: F.conv1d(x, w, b, padding=1), SEQUENCES, (64, 64, 3), (64,)),
    "conv2d": op(lambda x, w, b: F.conv2d(x, w, b, padding=1), IMAGES, (64, 64, 3, 3), (64,)),
    "conv2d_stride": op(lambda x, w, b: F.conv2d(x, w, b, 2, 1), IMAGES, (64, 64, 3, 3), (64,)),
    "conv2d_pointwise": op(lambda x, w, b: F.conv2d(x, w, b), IMAGES, (256, 64, 1, 1), (256,)),
    "conv2d_depthwise": op(
        lambda x, w, b: F.conv2d(x, w, b, padding=1, groups=64), IMAGES, (64, 1, 3, 3), (64,)
    ),
    "conv3d": op(
        lambda x, w, b: F.conv3d(x, w, b, padding=1), (2, 16, 32, 32, 32), (16, 16, 3, 3, 3), (16,)
    ),
    "conv_transpose1d": op(lambda x, w, b: F.conv_transpose1d(x, w, b, 2, 1), SEQUENCES, (64, 64, 4), (64,)),
    "conv_transpose2d": op(lambda x, w, b: F.conv_transpose2d(x, w, b, 2, 1), IMAGES, (64, 32, 4, 4), (32,)),
    "max_pool1d": op(lambda x: F.max_pool1d(x, 2), SEQUENCES),
    "max_pool2d": op(lambda x: F.max_pool2d(x, 2), IMAGES),
    "max_pool2d_overlapping": op(lambda x: F.max_pool2d(x, 3, 2, 1), IMAGES),
    "avg_pool1d": op(lambda x: F.avg_pool1d(x, 2), SEQUENCES),
    "avg_pool2d": op(lambda x: F.avg_pool2d(x, 2), IMAGES),
    "adaptive_avg_pool2d": op(lambda x: F.adaptive_avg_pool2d(x, 7), IMAGES),
    "adaptive_max_pool2d": op(lambda x: F.adaptive_max_pool2d(x, 7), IMAGES),
    "interpolate_nearest": op(lambda x: F.interpolate(x, (32, 32)), (16, 64, 16, 16)),
    "interpolate_bilinear": op(lambda x: F.interpolate(x, (32, 32), mode="bilinear"), (16, 64, 16, 16)),
    "unfold": op(lambda x: F.unfold(x, 3, padding=1), (4, 32, 32, 32)),
    "fold": op(lambda x: F.fold(x, 32, 3, padding=1), (4, 288, 1024)),
}


def of_symmetric(function, *shape):
    """A function of symmetric positive definite matrices."""

    def prepare():
        a = torch.randn(shape)
        return step([(a @ a.mT / shape[-1] + torch.eye(shape[-1])).requires_grad_()], function)

    return prepare


def solve_triangular():
    a = (torch.rand(SQUARE) + torch.eye(1000) * 1000).requires_grad_()
    return step([a, leaf(SQUARE)], lambda a, b: torch.linalg.solve_triangular(a, b, upper=True))


LINEAR_ALGEBRA = {
    "inverse": op(torch.linalg.inv),
    "det": op(torch.linalg.det, low=-0.09, high=0.09),
    "slogdet": op(lambda x: torch.linalg.slogdet(x).logabsdet),
    "solve": pair(torch.linalg.solve),
    "inverse_batch": op(torch.linalg.inv, (1000, 32, 32)),
    "solve_triangular": solve_triangular,
    "cholesky": of_symmetric(torch.linalg.cholesky, *SQUARE),
    "cholesky_batch": of_symmetric(torch.linalg.cholesky, 1000, 32, 32),
    "eigvalsh": of_symmetric(torch.linalg.eigvalsh, 4, 500, 500),
    "eigh": of_symmetric(lambda x: torch.linalg.eigh(x).eigenvectors, 4, 500, 500),
    "svd": op(lambda x: torch.linalg.svd(x, full_matrices=False).S, (4, 500, 500)),
    "qr": op(lambda x: torch.linalg.qr(x).Q, (4, 500, 500)),
}

def scatter_reduce(reduction, axis):
    def prepare():
        places = index()
        leaves = [leaf(SQUARE, 0.9, 1.1), leaf(SQUARE, 0.9, 1.1)]
        return step(leaves, lambda x, y: x.scatter_reduce(axis, places, y, reduction))

    return prepare


def search(function, count):
    """The positions of a million values among a few sorted ones."""

    def prepare():
        known, values = leaf((count,)).detach().sort().values, leaf(SQUARE).detach()
        return lambda: function(known, values)

    return prepare


def grid_sample(**options):
    return lambda: step(
        [leaf(IMAGES), leaf((16, 32, 32, 2), -1.2, 1.2)],
        lambda x, grid: F.grid_sample(x, grid, align_corners=False, **options),
    )


def unpool(x):
    values, places = F.max_pool2d(x, 2, return_indices=True)
    return F.max_unpool2d(values, places, 2)


def embedding_bag(mode):
    return given(
        lambda: torch.randint(10_000, (1000, 10)),
        lambda table, places: F.embedding_bag(places, table, mode=mode),
        (10_000, 100),
    )


REDUCTION_NAMES = {"sum": "sum", "mean": "mean", "prod": "prod", "max": "amax", "min": "amin"}

GATHERING = {
    **{
        f"scatter_reduce_{name}_{axis}": scatter_reduce(reduction, axis)
        for name, reduction in REDUCTION_NAMES.items()
        for axis in (0, 1)
    },
    "cummax_0": op(lambda x: torch.cummax(x, 0).values),
    "cummax_1": op(lambda x: torch.cummax(x, 1).values),
    "logcumsumexp_0": op(lambda x: torch.logcumsumexp(x, 0)),
    "logcumsumexp_1": op(lambda x: torch.logcumsumexp(x, 1)),
    "quantile_1": op(lambda x: torch.quantile(x, 0.3, dim=1)),
    "searchsorted": search(torch.searchsorted, 1000),
    "bucketize": search(lambda boundaries, x: torch.bucketize(x, boundaries), 10),
    "take": given(lambda: torch.randint(1_000_000, SQUARE), lambda x, places: x.take(places)),
    "windows": op(lambda x: x.unfold(1, 16, 8).reshape(-1)),
    "rot90": op(lambda x: torch.rot90(x).reshape(-1)),
    "trapezoid": op(torch.trapezoid),
    "kron": op(torch.kron, (32, 32), (32, 32)),
    "cross": op(torch.linalg.cross, (333_333, 3), (333_333, 3)),
    "matrix_exp": op(torch.matrix_exp, (100, 32, 32), low=-0.1, high=0.1),
    "matrix_norm_nuclear": op(lambda x: torch.linalg.matrix_norm(x, "nuc"), (4, 100, 100)),
    "channel_shuffle": op(lambda x: F.channel_shuffle(x, 8), IMAGES),
    "interpolate_bicubic": op(lambda x: F.interpolate(x, (32, 32), mode="bicubic"), (16, 64, 16, 16)),
    "grid_sample": grid_sample(),
    "grid_sample_bicubic": grid_sample(mode="bicubic", padding_mode="reflection"),
    "max_unpool2d": op(unpool, IMAGES),
    **{"embedding_bag_" + mode: embedding_bag(mode) for mode in ("sum", "mean", "max")},
}

ALL = (
    FUNCTIONS, PAIRS, REDUCTIONS, ORDERS, SHAPES, PLACES, PRODUCTS, NORMALIZATIONS, WINDOWS, LINEAR_ALGEBRA,
    GATHERING,
)
OPS = {"op_" + name: prepare for table in ALL for name, prepare in table.items()}
