"""Which tensors a model has, by its config: so a checkpoint can be checked without torch."""

from __future__ import annotations

from img2latex.config import ModelConfig

STAGES = (64, 128, 256)  # channels of layer1 to layer3 of a ResNet18; each has two blocks of two convolutions

Shapes = dict[str, tuple[int, ...]]


def shapes(config: ModelConfig) -> Shapes:
    """The name and shape of every tensor of `Img2Latex(config).state_dict()`."""
    width, words = config.d_model, len(config.vocab)
    found = _convolution("trunk.conv1", "trunk.bn1", STAGES[0], 1, 7)
    before = STAGES[0]
    for stage, channels in enumerate(STAGES, 1):
        for block in range(2):
            name = f"trunk.layer{stage}.{block}"
            found |= _convolution(f"{name}.conv1", f"{name}.bn1", channels, before, 3)
            found |= _convolution(f"{name}.conv2", f"{name}.bn2", channels, channels, 3)
            if before != channels:
                found |= _convolution(f"{name}.downsample.0", f"{name}.downsample.1", channels, before, 1)
            before = channels
    found |= {"bottleneck.weight": (width, before, 1, 1), "bottleneck.bias": (width,)}
    found |= _norm("memory_norm", width) | {"embedding.weight": (words, width)}
    for i in range(config.num_layers):
        layer = f"decoder.layers.{i}"
        for attention in ("self_attn", "multihead_attn"):
            found |= {f"{layer}.{attention}.in_proj_weight": (3 * width, width)}
            found |= {f"{layer}.{attention}.in_proj_bias": (3 * width,)}
            found |= _linear(f"{layer}.{attention}.out_proj", width, width)
        found |= _linear(f"{layer}.linear1", config.feedforward, width)
        found |= _linear(f"{layer}.linear2", width, config.feedforward)
        for norm in ("norm1", "norm2", "norm3"):
            found |= _norm(f"{layer}.{norm}", width)
    return found | _norm("decoder.norm", width) | _linear("head", words, width)


def _linear(name: str, to: int, of: int) -> Shapes:
    return {f"{name}.weight": (to, of), f"{name}.bias": (to,)}


def _norm(name: str, width: int) -> Shapes:
    return {f"{name}.weight": (width,), f"{name}.bias": (width,)}


def _convolution(name: str, norm: str, to: int, of: int, kernel: int) -> Shapes:
    statistics: Shapes = {f"{norm}.{part}": (to,) for part in ("running_mean", "running_var")}
    statistics |= {f"{norm}.num_batches_tracked": ()}
    return {f"{name}.weight": (to, of, kernel, kernel)} | _norm(norm, to) | statistics
