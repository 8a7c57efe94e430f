"""The benchmarks' workloads in JAX, each step one function compiled by `jax.jit`."""

import measure
import os
import sys

sys.path.pop(0)  # this folder, where `import jax` would find this file

options = measure.parse_options(__doc__)
# When it is loaded, XLA sizes its thread pool by this variable and by the cores that the process may use.
os.environ["NPROC"] = str(options.threads)
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.threads])

import jax
from functools import partial
from jax import lax, nn, numpy as jnp, random

SEED = random.key(0)


def scalar_chain():
    def chain(first, x):
        return lax.fori_loop(0, 500, lambda _, a: a * 1.0001 + x, first)

    return compiled(jax.value_and_grad(chain, argnums=(0, 1)), jnp.float32(1), jnp.float32(0.001))


def compiled(function, *arguments):
    """A step that calls the compiled function and waits for its results."""
    function = jax.jit(function)
    return lambda: jax.block_until_ready(function(*arguments))


def training(model, loss, parameters, inputs, targets, optimizer):
    """A step of training: forward, loss, gradients of all parameters, and an update that reuses the parameters' memory."""
    state, update = optimizer(parameters)
    key = SEED

    @partial(jax.jit, donate_argnums=(0, 1))
    def train(parameters, state, key):
        key, noise = random.split(key)
        value, gradients = jax.value_and_grad(lambda p: loss(model(p, inputs, noise), targets))(parameters)
        return *update(parameters, gradients, state), key, value

    def step():
        nonlocal parameters, state, key
        parameters, state, key, _ = jax.block_until_ready(train(parameters, state, key))

    return step


def classification(model, parameters, input_shape, optimizer):
    def cross_entropy(scores, labels):
        return -jnp.take_along_axis(nn.log_softmax(scores), labels[:, None], axis=1).mean()

    labels = random.randint(SEED, input_shape[:1], 0, 10)
    return training(model, cross_entropy, parameters, random.uniform(SEED, input_shape), labels, optimizer)


def reconstruction(model, parameters, input_shape, optimizer):
    def mean_squared_error(outputs, images):
        return jnp.square(outputs - images).mean()

    images = random.uniform(SEED, input_shape)
    return training(model, mean_squared_error, parameters, images, images, optimizer)


# An optimizer maps parameters to its state and its rule; the rule maps (parameters, gradients, state) to (parameters,
# state).


def sgd(parameters, rate=0.01):
    def update(parameters, gradients, state):
        return jax.tree.map(lambda p, g: p - rate * g, parameters, gradients), state

    return None, update


def momentum(parameters, rate=0.01, decay=0.9):
    def update(parameters, gradients, velocity):
        velocity = jax.tree.map(lambda v, g: decay * v + g, velocity, gradients)
        return jax.tree.map(lambda p, v: p - rate * v, parameters, velocity), velocity

    return jax.tree.map(jnp.zeros_like, parameters), update


def adam(parameters, rate=1e-3, beta1=0.9, beta2=0.999, epsilon=1e-8, decay=0.0):
    def update(parameters, gradients, state):
        count, m, v = state
        count += 1
        m = jax.tree.map(lambda m, g: beta1 * m + (1 - beta1) * g, m, gradients)
        v = jax.tree.map(lambda v, g: beta2 * v + (1 - beta2) * g * g, v, gradients)
        bias1, bias2 = 1 - beta1**count, 1 - beta2**count

        def change(p, m, v):
            return p * (1 - rate * decay) - rate * (m / bias1) / (jnp.sqrt(v / bias2) + epsilon)

        return jax.tree.map(change, parameters, m, v), (count, m, v)

    def zeros():
        return jax.tree.map(jnp.zeros_like, parameters)

    return (jnp.float32(0), zeros(), zeros()), update


def adamw(parameters):
    return adam(parameters, decay=0.01)


def uniform(shape, fan_in):
    bound = fan_in**-0.5
    return random.uniform(SEED, shape, minval=-bound, maxval=bound)


def affine(inputs, outputs):
    return uniform((inputs, outputs), inputs), uniform((outputs,), inputs)


def kernel(channels_in, channels_out, side):
    fan_in = channels_in * side * side
    return uniform((channels_out, channels_in, side, side), fan_in), uniform((channels_out,), fan_in)


def mlp(*sizes):
    return [affine(*pair) for pair in zip(sizes, sizes[1:])]


def apply_mlp(layers, x, noise):
    """Affine layers with ReLU between them; none after the last."""
    *hidden, (weight, bias) = layers
    for w, b in hidden:
        x = nn.relu(x @ w + b)
    return x @ weight + bias


def convolve(x, weight, bias, stride=1, padding=0):
    y = lax.conv_general_dilated(x, weight, (stride, stride), [(padding, padding)] * 2)
    return y + bias[:, None, None]


def pool(x):
    return lax.reduce_window(x, -jnp.inf, lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")


def lenet():
    return [kernel(1, 32, 5), kernel(32, 64, 5), affine(3136, 512), affine(512, 10)]


def apply_lenet(layers, x, noise):
    conv1, conv2, hidden, (weight, bias) = layers
    x = pool(nn.relu(convolve(x, *conv1, padding=2)))
    x = pool(nn.relu(convolve(x, *conv2, padding=2)))
    x = nn.relu(x.reshape(len(x), -1) @ hidden[0] + hidden[1])
    x = jnp.where(random.bernoulli(noise, 0.5, x.shape), x / 0.5, 0)
    return x @ weight + bias


def seed_convnet():
    return [kernel(1, 1, 3), kernel(1, 1, 2), kernel(1, 1, 3), kernel(1, 1, 2), *mlp(49, 20, 10)]


def apply_seed_convnet(layers, x, noise):
    for size3, size2 in (layers[0:2], layers[2:4]):
        x = convolve(convolve(x, *size3, padding=1), *size2, stride=2)
    return apply_mlp(layers[4:], x.reshape(len(x), -1), noise)


def conv3x3(channels, side):
    images = (8, channels, side, side)
    weight, bias = kernel(channels, channels, 3)

    def gradients(x, weight, bias, upstream):
        y, pullback = jax.vjp(partial(convolve, padding=1), x, weight, bias)
        return y, pullback(upstream)

    return compiled(gradients, random.uniform(SEED, images), weight, bias, random.uniform(SEED, images))


def sequences(model, parameters, input_shape, output_shape, optimizer):
    def mean_squared_error(outputs, targets):
        return jnp.square(outputs - targets).mean()

    inputs, targets = random.normal(SEED, input_shape), random.normal(SEED, output_shape)
    return training(model, mean_squared_error, parameters, inputs, targets, optimizer)


def layer_norm(x, scale, shift):
    centred = x - x.mean(-1, keepdims=True)
    return centred * lax.rsqrt(jnp.square(centred).mean(-1, keepdims=True) + 1e-5) * scale + shift


def transformer_block(size=256, between=1024):
    def norm():
        return jnp.ones(size), jnp.zeros(size)

    return [norm(), affine(size, 3 * size), affine(size, size), norm(), affine(size, between), affine(between, size)]


def apply_transformer_block(layers, x, noise, heads=8):
    norm1, (w_in, b_in), (w_out, b_out), norm2, (w1, b1), (w2, b2) = layers
    batch, length, size = x.shape
    parts = (layer_norm(x, *norm1) @ w_in + b_in).reshape(batch, length, 3, heads, size // heads)
    seen = nn.dot_product_attention(parts[:, :, 0], parts[:, :, 1], parts[:, :, 2])
    x = x + seen.reshape(x.shape) @ w_out + b_out
    return x + nn.gelu(layer_norm(x, *norm2) @ w1 + b1, approximate=False) @ w2 + b2


def lstm(inputs=64, hidden=128):
    def weights(rows):
        return uniform((rows, 4 * hidden), hidden)

    return weights(inputs), weights(hidden), uniform((4 * hidden,), hidden), uniform((4 * hidden,), hidden)


def apply_lstm(layer, x, noise):
    w_in, w_hidden, b_in, b_hidden = layer

    def step(state, gates):
        h, c = state
        i, f, g, o = jnp.split(gates + h @ w_hidden, 4, axis=1)
        c = nn.sigmoid(f) * c + nn.sigmoid(i) * jnp.tanh(g)
        h = nn.sigmoid(o) * jnp.tanh(c)
        return (h, c), h

    zeros = jnp.zeros((len(x), len(w_hidden)))
    _, outputs = lax.scan(step, (zeros, zeros), x.swapaxes(0, 1) @ w_in + b_in + b_hidden)
    return outputs.swapaxes(0, 1)


def layernorm_softmax():
    def function(x, scale, shift):
        return jnp.square(nn.softmax(layer_norm(x, scale, shift))).sum()

    x = random.normal(SEED, (4096, 512))
    return compiled(jax.value_and_grad(function, (0, 1, 2)), x, jnp.ones(512), jnp.zeros(512))


def sgemm(n):
    return compiled(jnp.matmul, random.normal(SEED, (n, n)), random.normal(SEED, (n, n)))


def elementwise():
    def function(x):
        return (jnp.tanh(x) * nn.sigmoid(x) + x * x).sum()

    return compiled(jax.value_and_grad(function), random.normal(SEED, (1_000_000,)))


STARTUP = "from jax import numpy as n; print(n.array([[1., 2.], [3., 4.]]) @ n.array([[5., 6.], [7., 8.]]))"
MNIST_SIZES = (784, 500, 300, 100, 10)
AUTOENCODER_SIZES = (784, 512, 256, 128, 30, 128, 256, 512, 784)

WORKLOADS = {
    "scalar_chain_1000ops": scalar_chain,
    "digits_mlp_b100_sgd": lambda: classification(apply_mlp, mlp(64, 100, 10), (100, 64), sgd),
    "softmax_784_10_b16_sgd": lambda: classification(apply_mlp, mlp(784, 10), (16, 784), sgd),
    "mnist_mlp_b128_momentum": lambda: classification(apply_mlp, mlp(*MNIST_SIZES), (128, 784), momentum),
    "mnist_mlp_b1000_momentum": lambda: classification(apply_mlp, mlp(*MNIST_SIZES), (1000, 784), momentum),
    "autoencoder_b256_adam": lambda: reconstruction(apply_mlp, mlp(*AUTOENCODER_SIZES), (256, 784), adam),
    "lenet_b64_adam": lambda: classification(apply_lenet, lenet(), (64, 1, 28, 28), adam),
    "seed_convnet_b16_sgd": lambda: classification(apply_seed_convnet, seed_convnet(), (16, 1, 28, 28), sgd),
    "conv3x3_n8_c64_56": lambda: conv3x3(64, 56),
    "conv3x3_n8_c128_28": lambda: conv3x3(128, 28),
    "conv3x3_n8_c256_14": lambda: conv3x3(256, 14),
    "transformer_block_b8_t128_d256": lambda: sequences(
        apply_transformer_block, transformer_block(), (8, 128, 256), (8, 128, 256), adamw),
    "lstm_b32_t50_h128": lambda: sequences(apply_lstm, lstm(), (32, 50, 64), (32, 50, 128), sgd),
    "layernorm_softmax_4096x512": layernorm_softmax,
    "sgemm_64": lambda: sgemm(64),
    "sgemm_256": lambda: sgemm(256),
    "sgemm_1024": lambda: sgemm(1024),
    "sgemm_2048": lambda: sgemm(2048),
    "elementwise_1M": elementwise,
    "startup": lambda: measure.startup(STARTUP),
}

if __name__ == "__main__":
    measure.run(WORKLOADS, options)
