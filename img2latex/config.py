"""The settings of a model and of a training run, with their units."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields

STRIDE = 16  # px per memory cell, down; and across, unless ModelConfig.column_stride says 8
DIRECTIONS = ("forwards", "backwards", "both")
VERSION = 1  # of the checkpoint format; a checkpoint of a newer version is refused
LETTER_HEIGHT = 22.0  # px, the height to which a typical letter is scaled; docs/lab-notes.md compares others


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
    letter_height: float = LETTER_HEIGHT
    thickest_stroke: float = 0.0  # px of the model's input, to which thicker strokes are thinned; 0: they stay
    column_stride: int = 8  # px from one memory cell to the next, across: 8 or 16; 8 separates narrow letters
    direction: str = "forwards"  # in which tokens come; "both": a second model, that reads backwards, helps to choose
    temperature: float = 1.0  # of the calibrated token probabilities
    calibration: tuple[float, ...] = (1.0, 0.0, 0.0, 0.0)  # of `confidence`: see recognizer.evidence
    calibration_handwriting: tuple[float, ...] = ()  # for handwriting, which is read at three sizes; empty: the same
    handwriting: tuple[float, ...] = ()  # 3 d_model weights and a bias to detect it: see Recognizer._is_handwriting
    version: int = VERSION

    def __post_init__(self):
        for name in ("d_model", "num_layers", "num_heads", "feedforward", "max_length"):
            value = getattr(self, name)
            if not isinstance(value, int) or value < 1:
                raise ValueError(f"{name} must be a whole number above 0, not {value!r}")
        if self.d_model % 4 or self.d_model % self.num_heads:  # 4: sines and cosines, of rows and of columns
            raise ValueError(f"d_model must be a multiple of 4 and of num_heads, not {self.d_model}")
        if self.direction not in DIRECTIONS:
            raise ValueError(f"direction must be one of {', '.join(DIRECTIONS)}, not {self.direction!r}")
        if self.letter_height <= 0:
            raise ValueError(f"letter_height must be above 0, not {self.letter_height}")
        if self.column_stride not in (8, 16):
            raise ValueError(f"column_stride must be 16 or 8, not {self.column_stride}")
        detecting = 3 * self.d_model + 1, self.d_model + 1  # older checkpoints have only the first third
        for name, lengths in (("calibration_handwriting", (4,)), ("handwriting", detecting)):
            if len(getattr(self, name)) not in (0, *lengths):
                raise ValueError(f"{name} must hold {lengths[0]} numbers, or none, not {len(getattr(self, name))}")
        if len(self.calibration) not in (2, 4):  # older checkpoints have only the first two
            raise ValueError(f"calibration must hold 4 numbers, or the first 2 of them, not {len(self.calibration)}")

    def to_dict(self) -> dict:
        """The settings to save; those that older versions do not know only if they are set."""
        kept = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}
        newer = ("handwriting", "calibration_handwriting", "thickest_stroke", "direction")
        return {name: value for name, value in kept.items() if name not in newer or value not in ([], 0, "forwards")}

    @classmethod
    def from_dict(cls, values: dict) -> ModelConfig:
        """The config that a checkpoint was saved with.

        Raises:
            ValueError: a setting that this version does not know, or an invalid value.
        """
        known = {f.name for f in fields(cls)}
        unknown = sorted(set(values) - known)
        if values.get("version", VERSION) > VERSION:
            raise ValueError(f"the checkpoint is of version {values['version']}, this program reads up to {VERSION}")
        if unknown:
            raise ValueError(f"unknown settings in the config: {', '.join(unknown)}")
        values = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
        return cls(**{"column_stride": 16, **values})  # the first checkpoints have no such setting: all had 16


@dataclass
class TrainConfig:
    """A training run. Times in minutes, learning rates per step, lengths in tokens."""

    data: list[str] = field(default_factory=list)  # folders of shards with their weights, `FOLDER[=WEIGHT]`
    recipe: str | None = None  # instead of data: a mix of data/recipes.py, its folders below data_root
    data_root: str = "shards"  # folder that holds the folders of a recipe
    val: list[str] = field(default_factory=list)  # folders or shards to validate on
    out: str = "runs/math"  # folder of the run, which becomes a checkpoint
    init: str | None = None  # a checkpoint to start from
    backwards: bool = False  # learn tokens from the last to the first, to help the checkpoint it starts from to choose
    new_tokens: list[str] = field(default_factory=list)  # tokens of the labels that are not in the vocabulary of init
    d_model: int = 256  # width and depth of a new model's decoder
    num_layers: int = 3  # of the decoder
    letter_height: float | None = None  # px; None: that of --init, else of the shipped checkpoints
    thickest_stroke: float | None = None  # px; thicker ones are thinned; None: as with --init, else 0: they stay
    column_stride: int | None = None  # px of a memory cell across, 8 or 16; None: as above
    max_epochs: int = 5  # length of the run, in times the number of pictures
    minutes: float | None = None  # length of the run by the clock, instead of max_epochs
    batch_size: int = 48  # pictures, at most
    batch_pixels: int = 500_000  # px of a batch, padding included, at most; a token counts as 130 of them
    learning_rate: float = 1e-3  # highest, after the warm-up; then it falls as a cosine
    final_learning_rate: float = 2e-5  # at the end of the cosine
    warmup_steps: int = 300  # in which the learning rate rises from 0
    weight_decay: float = 0.01
    label_smoothing: float = 0.05
    dropout: float = 0.0  # helps only when the same pictures are seen many times
    gradient_clip: float = 1.0  # largest norm of the gradient
    freeze_stem: bool = False  # keep the trunk up to layer1 as in --init, which saves a fifth of the time
    freeze_trunk: bool = False  # keep all of it
    ema_decay: float = 0.999  # of the averaged weights, each step
    augment: float = 1.0  # strength of the augmentation; 0: none
    scale_jitter: float = 0.18  # letters become up to this share larger or smaller
    # the longest label by the share of the run that is done: attention aligns on short formulas first
    curriculum: tuple[tuple[float, int], ...] = ((0.12, 10), (0.30, 25), (1.0, 250))
    pool: int = 3072  # pictures that are sorted by size into batches at a time
    workers: int = 1  # processes of the loader, for each process that trains
    threads: int = 2  # of torch, on a CPU
    local_seconds: float = 0.0  # with several processes: seconds until their weights are averaged again
    device: str = "auto"  # auto: CUDA if available, else the CPU
    bf16: bool | None = None  # train in bfloat16; None: on CUDA, and on a CPU that computes it natively
    seed: int = 0
    validate_minutes: float = 10.0  # from one validation to the next
    save_minutes: float = 2.0  # from one saved state to the next
