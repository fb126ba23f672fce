"""The model: a timm ResNet18 trunk to layer3, a 1x1 bottleneck, 2D positions, a torch TransformerDecoder.

Shapes: B batch, H W px, S memory cells (H/16 x W/16, or W/8), T target tokens, D model width, V vocabulary.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import timm
import torch
from torch import Tensor, nn

from img2latex.config import STRIDE, ModelConfig
from img2latex.latex.tokens import PAD


def sinusoid(positions: Tensor, width: int) -> Tensor:
    """Sines and cosines of positions (N) -> N x width, as in "Attention Is All You Need", section 3.5."""
    rates = torch.exp(torch.arange(0, width, 2, device=positions.device) * (-math.log(10_000) / width))
    angles = positions[:, None].float() * rates
    return torch.cat((angles.sin(), angles.cos()), dim=1)


def sinusoid_2d(height: int, width: int, channels: int, device=None, column_step: float = 1.0) -> Tensor:
    """Positions of a grid -> height x width x channels: half of the channels encode the row, half the column.

    Columns are `column_step` rows apart.
    """
    rows = sinusoid(torch.arange(height, device=device), channels // 2)[:, None].expand(-1, width, -1)
    columns = sinusoid(torch.arange(width, device=device) * column_step, channels // 2)[None].expand(height, -1, -1)
    return torch.cat((rows, columns), dim=2)


def halve_column_stride(layer: nn.Module) -> None:
    """Gives a stage of a ResNet a horizontal stride of 1 instead of 2; every second column keeps its values.

    The convolutions after the stride are dilated horizontally, as in dilated residual networks (Yu et al. 2017).
    """
    for conv in (module for module in layer.modules() if isinstance(module, nn.Conv2d)):
        if conv.stride == (2, 2):
            conv.stride = (2, 1)
        elif conv.kernel_size == (3, 3):
            conv.dilation, conv.padding = (1, 2), (1, 2)


class Img2Latex(nn.Module):
    """Pictures -> logits of the next token.

    Args:
        config: sizes and vocabulary.
    """

    def __init__(self, config: ModelConfig):
        super().__init__()
        self.config = config
        width = config.d_model
        self.trunk = timm.create_model("resnet18", in_chans=1, features_only=True, out_indices=[3], pretrained=False)
        if config.column_stride == STRIDE // 2:
            halve_column_stride(self.trunk.layer3)
        self.bottleneck = nn.Conv2d(self.trunk.feature_info.channels()[-1], width, kernel_size=1)
        self.memory_norm = nn.LayerNorm(width)
        self.embedding = nn.Embedding(len(config.vocab), width, padding_idx=PAD)
        places = torch.arange(config.max_length + 2)
        self.register_buffer("positions", sinusoid(places, width), persistent=False)
        layer = nn.TransformerDecoderLayer(
            width, config.num_heads, config.feedforward, config.dropout, "gelu", batch_first=True, norm_first=True
        )
        self.decoder = nn.TransformerDecoder(layer, config.num_layers, norm=nn.LayerNorm(width))
        self.head = nn.Linear(width, len(config.vocab))
        self.dropout = nn.Dropout(config.dropout)
        nn.init.normal_(self.embedding.weight, std=width**-0.5)
        for p in self.decoder.parameters():  # TransformerDecoder copies one layer: initialize each differently
            if p.dim() > 1:
                nn.init.xavier_uniform_(p)

    @classmethod
    def of(cls, config: ModelConfig, weights: Mapping[str, np.ndarray]) -> Img2Latex:
        """The model with the config and weights that `checkpoints.read` returns."""
        model = cls(config)
        model.load_state_dict({name: torch.tensor(values) for name, values in weights.items()}, strict=True)
        return model

    def encode(self, pictures: Tensor, sizes: Tensor) -> tuple[Tensor, Tensor]:
        """Pictures -> memory.

        Args:
            pictures: B x H x W uint8, 0 ink, 255 paper; H and W multiples of 16, padded with paper.
            sizes: B x 2, each picture's own height and width in px.

        Returns:
            memory B x S x D, and its key_padding_mask B x S: True where a cell is padding.
        """
        ink = (255 - pictures.to(self.bottleneck.weight.dtype)) / 255
        features = self.trunk(ink[:, None].contiguous(memory_format=torch.channels_last))[0]
        cells = self.bottleneck(features).permute(0, 2, 3, 1)  # B x H/16 x W/16 x D
        height, width = cells.shape[1:3]
        across = self.config.column_stride
        memory = self.memory_norm(cells) + sinusoid_2d(height, width, cells.shape[3], cells.device, across / STRIDE)
        used = -(-sizes // torch.tensor([STRIDE, across], device=sizes.device))
        padding_rows = torch.arange(height, device=cells.device)[None] >= used[:, :1]  # B x H/16
        padding_columns = torch.arange(width, device=cells.device)[None] >= used[:, 1:]  # B x W/16, or W/8
        key_padding_mask = padding_rows[:, :, None] | padding_columns[:, None, :]
        return memory.flatten(1, 2), key_padding_mask.flatten(1)  # B x S x D, B x S

    def embed(self, tokens: Tensor, start: int = 0) -> Tensor:
        """Ids B x T, the first at position `start` -> B x T x D."""
        scaled = self.embedding(tokens) * math.sqrt(self.config.d_model)
        return self.dropout(scaled + self.positions[start : start + tokens.shape[1]])

    def decode(self, tokens: Tensor, memory: Tensor, key_padding_mask: Tensor) -> Tensor:
        """Ids B x T (bos first), memory B x S x D and its padding mask B x S -> logits of each next token B x T x V."""
        steps = tokens.shape[1]
        causal_mask = torch.ones(steps, steps, dtype=torch.bool, device=tokens.device).triu(1)
        states = self.decoder(  # B x T x D
            self.embed(tokens), memory, tgt_mask=causal_mask, tgt_is_causal=True,
            memory_key_padding_mask=key_padding_mask,
        )  # fmt: skip
        return self.head(states)

    def forward(self, pictures: Tensor, sizes: Tensor, tokens: Tensor) -> Tensor:
        """Pictures B x H x W with sizes B x 2, ids B x T (bos first) -> logits B x T x V."""
        return self.decode(tokens, *self.encode(pictures, sizes))
