"""The settings of a model and of a training run, with their units."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields

STRIDE = 16  # px per memory cell, down; and across, unless ModelConfig.column_stride says 8
VERSION = 1  # of the checkpoint format; a checkpoint of a newer version is refused


@dataclass(frozen=True)
class ModelConfig:
    """All that is needed to build the model and to read a picture with it. Saved as config.json."""

    vocab: tuple[str, ...] = ()
    d_model: int = 256
    num_layers: int = 3
    num_heads: int = 8
    feedforward: int = 1024
    dropout: float = 0.1
    max_length: int = 256  # tokens of one formula, bos and eos not counted
    letter_height: float = 12.0  # px, see images.prepare
    column_stride: int = 16  # px from one memory cell to the next, across: 16, or 8 to tell narrow letters apart
    temperature: float = 1.0  # of the calibrated token probabilities
    calibration: tuple[float, ...] = (1.0, 0.0, 0.0, 0.0)  # of `confidence`: see recognizer.evidence
    version: int = VERSION

    def __post_init__(self):
        for name in ("d_model", "num_layers", "num_heads", "feedforward", "max_length"):
            value = getattr(self, name)
            if not isinstance(value, int) or value < 1:
                raise ValueError(f"{name} must be a whole number above 0, not {value!r}")
        if self.d_model % 4 or self.d_model % self.num_heads:  # 4: sines and cosines, of rows and of columns
            raise ValueError(f"d_model must be a multiple of 4 and of num_heads, not {self.d_model}")
        if self.column_stride not in (8, 16):
            raise ValueError(f"column_stride must be 16 or 8, not {self.column_stride}")
        if len(self.calibration) not in (2, 4):  # older checkpoints have but the first two
            raise ValueError(f"calibration must hold 4 numbers, or the first 2 of them, not {len(self.calibration)}")

    def to_dict(self) -> dict:
        return {**asdict(self), "vocab": list(self.vocab), "calibration": list(self.calibration)}

    @classmethod
    def from_dict(cls, values: dict) -> ModelConfig:
        """Raises ValueError for a setting this version does not know or one that is missing its meaning."""
        known = {f.name for f in fields(cls)}
        unknown = sorted(set(values) - known)
        if values.get("version", VERSION) > VERSION:
            raise ValueError(f"the checkpoint is of version {values['version']}, this program reads up to {VERSION}")
        if unknown:
            raise ValueError(f"unknown settings in the config: {', '.join(unknown)}")
        values = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
        return cls(**values)


@dataclass
class TrainConfig:
    """A training run. Times in minutes, learning rates per step, lengths in tokens."""

    data: list[str] = field(default_factory=list)  # folders of shards with their weights, `FOLDER[=WEIGHT]`
    recipe: str | None = None  # instead: a mix of data/recipes.py, whose folders lie in `data_root`
    data_root: str = "shards"
    val: list[str] = field(default_factory=list)  # folders or shards to validate on
    out: str = "runs/math"
    init: str | None = None  # a checkpoint to start from
    new_tokens: list[str] = field(default_factory=list)  # of the labels, which that checkpoint cannot write yet
    d_model: int = 256  # width and depth of a new model's decoder
    num_layers: int = 3
    letter_height: float | None = None  # px; None: as --init has it
    column_stride: int | None = None  # px of a memory cell across, 16 or 8; None: as --init has it
    max_epochs: int = 5
    minutes: float | None = None  # instead of max_epochs: the run's length by the clock
    batch_size: int = 48  # pictures, at most
    batch_pixels: int = 500_000  # px of a batch, padding included, at most; a token counts as 130 of them
    learning_rate: float = 1e-3
    final_learning_rate: float = 2e-5
    warmup_steps: int = 300
    weight_decay: float = 0.01
    label_smoothing: float = 0.05
    dropout: float = 0.0  # pays only when the same pictures come by many times
    gradient_clip: float = 1.0
    freeze_stem: bool = False  # the trunk up to layer1 stays as --init has it, which saves a fifth of the time
    ema_decay: float = 0.999
    augment: float = 1.0  # strength
    scale_jitter: float = 0.18  # letters are up to this share larger or smaller than normal
    # the longest label by the share of the run that is done: attention aligns on short formulas first
    curriculum: tuple[tuple[float, int], ...] = ((0.12, 10), (0.30, 25), (1.0, 250))
    pool: int = 3072  # pictures that are sorted by size into batches at a time
    workers: int = 1
    threads: int = 2
    local_seconds: float = 0.0  # of several processes: how long each goes alone before their weights are averaged
    device: str = "auto"
    bf16: bool | None = None  # None: on CUDA, and on a CPU that computes bfloat16 natively
    seed: int = 0
    validate_minutes: float = 10.0
    save_minutes: float = 2.0
