"""Formulas written with symbols drawn here: each token has a shape of its own, so that it can be found again."""

import gzip
import json
from dataclasses import replace

import numpy as np
import pytest

from img2latex.data import compose as compose_module
from img2latex.data.compose import Hand, Stock, build_stock, drop_strangers, load_stock, pick, writable
from img2latex.data.dvi import Part, layouts
from img2latex.data.ink import Ink, InkError, Strokes
from img2latex.data.pen import draw

TOKENS = [*"abcdxyABC0123456789+-=(),.[]|:", r"\{", r"\}", r"\sum", r"\alpha", r"\rightarrow", r"\wedge", r"\mathds{R}"]


def corners(stroke: np.ndarray) -> int:
    return len(stroke) - 1


def polygon(count: int, width: float = 1000.0, height: float = 1000.0) -> np.ndarray:
    angles = np.linspace(0, 2 * np.pi, count + 1)
    return np.stack([(1 + np.cos(angles)) * width / 2, (1 + np.sin(angles)) * height / 2], 1)


def symbol(token: str, writer: str = "w", name: str = "") -> Ink:
    """A polygon whose number of corners tells the token, and a flat one for the flat tokens."""
    height = 20.0 if token == "-" else 1000.0
    return Ink(name or f"{writer}:{token}", token, "train", [polygon(3 + TOKENS.index(token), height=height)], writer)


@pytest.fixture(scope="module")
def stock() -> Stock:
    return build_stock([symbol(token) for token in TOKENS])


def compose(formulas: list[str], stock: Stock, seed: int) -> list[Strokes]:
    """Each formula written by a hand of its own."""
    rng = np.random.default_rng(seed)
    return [Hand(stock, rng).write(parts) for parts in layouts(formulas)]


def hands(latex: str, stock: Stock, times: int = 1) -> list[tuple[dict[str, list[np.ndarray]], list[np.ndarray]]]:
    """A formula in several hands: for each, the boxes [left, top, right, bottom] by token, and the other strokes."""
    result = []
    for strokes in compose([latex] * times, stock, 1):
        found, rest = {}, []
        for stroke in strokes:
            token = TOKENS[corners(stroke) - 3] if np.allclose(stroke[0], stroke[-1]) else None
            if token:
                found.setdefault(token, []).append(np.concatenate([stroke.min(0), stroke.max(0)]))
            else:
                rest.append(stroke)
        result.append((found, rest))
    return result


# --- layout


def whats(latex: str) -> list[str]:
    (parts,) = layouts([latex])
    return [part.what for part in parts]


def test_what_tex_builds_of_pieces_is_one_part():
    tall = r"\begin{matrix}a\\b\\c\\d\\e\\f\end{matrix}"
    joined = {
        r"\sqrt{x}": "root",
        rf"\sqrt{{{tall}}}": "root",
        r"\frac{a}{b}": "bar",
        r"\overline{ab}": "bar",
        r"\overbrace{abcdef}": "overbrace",
        r"\underbrace{abcdef}": "underbrace",
        r"\longrightarrow": r"\rightarrow",
        r"\xrightarrow{abcdef}": r"\rightarrow",
        r"\overrightarrow{AB}": r"\rightarrow",
        r"\overleftarrow{AB}": r"\leftarrow",
        r"\mapsto": r"\mapsto",
        r"\hookrightarrow": r"\hookrightarrow",
        r"\iff": r"\Leftrightarrow",
        rf"\left\{{{tall}\right.": r"\{",
        rf"\left({tall}\right.": "(",
        rf"\left.{tall}\right]": "]",
        rf"\left\lceil{tall}\right.": r"\lceil",
        rf"\left\lfloor{tall}\right.": r"\lfloor",
        rf"\left|{tall}\right.": "|",
        rf"\left.{tall}\right\|": r"\|",
    }
    for (latex, what), parts in zip(joined.items(), layouts(list(joined)), strict=True):
        found = [part.what for part in parts]
        assert found.count(what) == 1, latex
        assert all(other.startswith("cmmi:") for other in found if other != what), latex  # letters, and no crumbs


def test_minuses_in_a_row_stay_two():
    assert whats("a--b") == ["cmmi:97", "cmsy:0", "cmsy:0", "cmmi:98"]


def test_brackets_side_by_side_stay_two():
    tall = r"\left(\begin{matrix}a\\b\\c\\d\\e\end{matrix}\right)"
    assert whats(tall + tall).count("(") == whats(tall + tall).count(")") == 2


def test_boxes_are_the_ink_of_the_print():
    ((minus, one, equals),) = layouts(["-1="])
    assert minus.box[3] - minus.box[1] < 1 < minus.box[2] - minus.box[0]  # TeX's own box of a minus is 6 pt high
    assert one.box[1] < minus.box[1] < one.box[3]
    assert minus.box[2] < one.box[0] < one.box[2] < equals.box[0]


def test_a_root_reaches_over_its_content_and_knows_where_its_bar_begins():
    (parts,) = layouts([r"\sqrt{xxx}"])
    root, *letters = parts
    assert root.what == "root" and all(root.box[1] < letter.box[1] for letter in letters)
    assert root.box[0] < root.origin < min(letter.box[0] for letter in letters) and root.box[2] > letters[-1].box[2]


def test_a_formula_that_latex_refuses_does_not_shift_the_others():
    good = [rf"x_{{{number}}}" for number in range(7)]
    mixed = [*good[:3], r"\nosuchcommand", "a}", r"\frac{a", good[3], "", r"\def\x{", r"\end{document}", *good[4:]]
    found = layouts(mixed)
    assert [parts is not None for parts in found] == [formula in good for formula in mixed]
    digits = [parts[1].what for parts in found if parts]
    assert digits == [f"cmr:{48 + number}" for number in range(7)]


def test_halves_are_tried_when_tex_loses_count(monkeypatch):
    from img2latex.data import dvi

    run = dvi._run
    monkeypatch.setattr(dvi, "_run", lambda batch: (set(), []) if "y" in batch.values() else run(batch))
    assert [parts is not None for parts in layouts(["a", "b", "y", "c"])] == [True, True, False, True]


# --- the stock


def test_glyphs_are_learned_from_what_the_commands_print(stock):
    assert stock.glyphs["cmmi:97"] == ("a",) == stock.glyphs["cmr:97"]
    assert stock.glyphs["cmsy:0"] == ("-",)
    assert r"\sum" in stock.glyphs["cmex:80"] and r"\sum" in stock.glyphs["cmex:88"]  # in text and display size
    assert "(" in stock.glyphs["cmr:40"] and "(" in stock.glyphs["cmex:18"]
    assert stock.glyphs["msbm:82"] == (r"\mathbb{R}",)
    assert stock.glyphs["cmr:94"] == (r"\hat{}",)  # a circumflex is written as a wedge is
    assert stock.samples[r"\hat{}"] is stock.samples[r"\wedge"]


def test_commands_of_text_mode_stay_out():
    assert r"\textbackslash" not in build_stock([Ink("t", r"\textbackslash", "train", [polygon(3)])]).samples


def test_a_writer_gives_few_samples_of_a_symbol():
    many = [symbol("a", "w", f"a{number}") for number in range(20)]
    assert len(build_stock(many).samples["a"]["w"]) == compose_module.PER_WRITER


def test_a_symbol_that_looks_like_another_is_dropped(monkeypatch):
    monkeypatch.setattr(compose_module, "COMMON", 20)
    rng = np.random.default_rng(0)
    rough = lambda shape: [shape + rng.normal(0, 20, shape.shape)]  # noqa: E731
    upright, level = np.array([[0.0, 0.0], [0.0, 1000.0]]), np.array([[0.0, 0.0], [1000.0, 0.0]])
    samples = {
        "|": {f"w{number}": [rough(upright)] for number in range(30)},
        "-": {f"w{number}": [rough(level)] for number in range(29)} | {"lying": [rough(upright)]},
        "rare": {"w0": [rough(upright)]},
    }
    drop_strangers(samples)
    assert "lying" not in samples["-"] and len(samples["-"]) == 29
    assert len(samples["|"]) == 30 and samples["rare"]


def test_the_stock_of_a_folder_knows_writers_and_leaves_val_and_test_out(tmp_path):
    def row(name, token, split="train", **more):
        return {"id": name, "latex": token, "split": split, "strokes": [polygon(5).tolist()], **more}

    files = {
        "crohme_train": [row("e1", "x y", writer="ann", syms=[["x", [0]]]), row("e2", "y", syms=[["y", [0]]])],
        "crohme_test2013": [row("e3", "z", "test2013", syms=[["z", [0]]])],
        "mathnote_symbols": [row("m1", "z", "val")],
        "unipen_chars": [row("u1", "x", writer="bob")],
        "detexify": [row("d1", r"\alpha")],
        "detypify": [],
    }
    for name, rows in files.items():
        with gzip.open(tmp_path / f"{name}.jsonl.gz", "wt", encoding="utf-8") as lines:
            lines.writelines(json.dumps(each) + "\n" for each in rows)
    samples = load_stock(tmp_path).samples
    assert set(samples["x"]) == {"ann", "bob"} and set(samples["y"]) == {"e2"} and set(samples[r"\alpha"]) == {"d1"}
    assert "z" not in samples


def test_no_collection_keeps_the_others_out(monkeypatch):
    monkeypatch.setattr(compose_module, "PER_COLLECTION", 5)
    given = [symbol("a", f"w{k}") for k in range(20)]
    later = [replace(symbol("a", f"v{k}"), split="later") for k in range(3)]
    assert len(build_stock([*given, *later]).samples["a"]) == 5 + 3


def test_a_folder_without_symbols_is_one_sentence(tmp_path):
    with pytest.raises(InkError, match="mathnote_symbols"):
        load_stock(tmp_path)


# --- writing


def test_scripts_are_small_and_where_they_belong(stock):
    for found, _ in hands("a_{b}^{c}", stock, 20):
        (base,), (up,), (down,) = (found[token] for token in "acb")
        assert up[3] - up[1] < base[3] - base[1] and base[0] < down[0]
        assert up[1] < base[1] and down[3] > base[3]


def test_a_fraction_is_written_around_its_bar(stock):
    for found, rest in hands(r"\frac{a}{b}", stock, 20):
        (above,), (below,), (bar,) = found["a"], found["b"], rest
        assert above[3] < bar[:, 1].max() + 0.5 and bar[:, 1].min() - 0.5 < below[1]
        assert 0 < np.ptp(bar[:, 1]) < np.ptp(bar[:, 0])  # level, but not ruled


def test_a_tall_bracket_covers_its_content(stock):
    for found, _ in hands(r"\left(\begin{matrix}a\\b\\c\\d\\x\end{matrix}\right)", stock, 5):
        (left,), (right,), (first,), (last,) = (found[token] for token in "()ax")
        for bracket in (left, right):
            assert bracket[1] < first[1] and bracket[3] > last[3]
        assert left[2] < first[2] and right[0] > first[0]


def test_a_root_is_one_stroke_over_its_content(stock):
    for found, rest in hands(r"\sqrt{x}", stock, 20):
        (letter,), (root,) = found["x"], rest
        assert root[0, 0] < letter[0] and root[:, 0].max() > letter[2] - 0.5
        assert root[-1, 1] < letter[3] and root[:, 1].max() > letter[3] - 2


def test_an_accent_stands_above_its_letter(stock):
    for found, _ in hands(r"\hat{x}", stock, 20):
        (hat,), (letter,) = found[r"\wedge"], found["x"]
        assert hat[3] < letter[1] + 1.5 and letter[0] - 2 < hat[0] < letter[2]


def test_a_lying_brace_is_as_wide_as_its_content(stock):
    for latex in (r"\overbrace{abcd}", r"\underbrace{abcd}"):
        for found, _ in hands(latex, stock, 5):
            (brace,), (first,), (last,) = found[r"\{"], found["a"], found["d"]
            assert brace[0] < first[0] + 2 and brace[2] > last[2] - 2 and brace[2] - brace[0] > brace[3] - brace[1]
            assert (brace[3] < first[1] + 1) if "over" in latex else (brace[1] > first[3] - 1)


def test_a_long_arrow_keeps_its_head():
    head = np.array([[700.0, 0.0], [1000.0, 150.0], [700.0, 300.0]])
    arrow = [np.array([[0.0, 150.0], [1000.0, 150.0]]), head]
    box = (10.0, -6.0, 110.0, 0.0)
    for what, flip in ((r"\rightarrow", 1), (r"\leftarrow", -1)):
        sample = [stroke * [flip, 1] for stroke in arrow]
        shaft, tip = compose_module._fit_arrow(what, sample, box, np.random.default_rng(0))
        assert shaft[:, 0].min() == pytest.approx(10) and shaft[:, 0].max() == pytest.approx(110)
        assert np.ptp(tip[:, 0]) == pytest.approx(np.ptp(tip[:, 1]))  # as wide as it is high, as it was


def test_one_writer_writes_a_formula(monkeypatch):
    monkeypatch.setattr(compose_module, "ENOUGH", 3)
    wide = [Ink(f"v:{t}", t, "train", [polygon(50 + k, 3000)], "v") for k, t in enumerate("abc")]
    both = build_stock([symbol(token) for token in "abc"] + wide)
    whole = {"w": 0, "v": 0, "mixed": 0}
    for strokes in compose(["a+b+c".replace("+", "")] * 60, both, 5):
        by = {"v" if corners(stroke) >= 50 else "w" for stroke in strokes}
        whole[by.pop() if len(by) == 1 else "mixed"] += 1
    assert min(whole["v"], whole["w"]) >= 10 and whole["mixed"] <= 20  # a fifth borrow their letters one by one


def test_a_letter_looks_alike_throughout_a_formula():
    shapes = [Ink(str(k), "a", "train", [polygon(20 + k)]) for k in range(9)]
    for strokes in compose(["aaaaa"] * 5, build_stock(shapes), 2):
        assert len({corners(stroke) for stroke in strokes}) == 1


def test_the_same_seed_writes_the_same(stock):
    one, two, other = (compose(["a+b", "x=y"], stock, seed) for seed in (1, 1, 2))
    assert all(np.array_equal(a, b) for f, g in zip(one, two, strict=True) for a, b in zip(f, g, strict=True))
    assert not np.allclose(one[0][0], other[0][0])


def test_what_nobody_has_written_is_named(stock):
    asked = ["a+b", r"a\otimes b", r"\mathbf{a}", r"\overbrace{a}", r"\sqrt{x}"]
    missing = [
        [compose_module.unknown(part) for part in parts if not writable(part, stock)] for parts in layouts(asked)
    ]
    assert missing == [[], ["cmsy:10 circlemultiply"], ["cmbx:97 a"], [], []]


def test_a_composed_formula_can_be_drawn(stock):
    (strokes,) = compose([r"\alpha=\frac{-b+\sqrt{x}}{2a}\rightarrow\sum_{1}^{9}[a]"], stock, 3)
    picture = draw(strokes)
    assert picture.min() == 0 and 100 < picture.shape[0] < 500 < picture.shape[1] <= 1640


def test_a_hand_without_writers_still_writes():
    hand = Hand(Stock({"a": {"": [[polygon(5)]]}}, {"cmmi:97": ("a",)}), np.random.default_rng(0))
    (stroke,) = hand.write([Part("cmmi:97", (0.0, 0.0, 5.0, 5.0), "a")])
    assert corners(stroke) == 5


# --- what to write


def picked(tmp_path, *formulas: str, name: str = "list.tsv", seed: int = 0) -> list[tuple[str, str]]:
    text = "".join(f"school\t{latex}\n" for latex in formulas)
    path = tmp_path / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return list(pick(path, seed))


@pytest.mark.parametrize("name", ["list.tsv", "list.tsv.gz"])
def test_each_label_is_picked_once_with_its_latex(tmp_path, name):
    found = picked(tmp_path, "x+y=1", "x + y = 1", r"\frac{a}", "a^2+b^2", name=name)
    assert sorted(label for _, label in found) == ["a ^ { 2 } + b ^ { 2 }", "x + y = 1"]
    assert all(latex in ("x+y=1", "x + y = 1", "a^2+b^2") for latex, _ in found)


def test_bold_letters_are_not_picked_and_upright_ones_seldom(tmp_path):
    upright = [rf"\mathrm{{A}}+{k}" for k in range(100)]
    found = [label for _, label in picked(tmp_path, r"\mathbf{a}+b", r"\boldsymbol{x}=1", *upright)]
    assert all("mathrm" in label for label in found) and 55 <= len(found) <= 85


def test_short_formulas_come_first_choice(tmp_path):
    long = ["+".join(f"x_{{{k}{n}}}" for n in range(7)) for k in range(60)]  # 48 tokens each
    found = picked(tmp_path, *long, *(f"a={k}" for k in range(60)))
    assert sum("a = " in label for _, label in found) == 60
    assert 15 <= sum("x _" in label for _, label in found) <= 50


def test_the_order_follows_from_the_seed(tmp_path):
    some = [f"a={k}" for k in range(30)]
    one, same, other = (picked(tmp_path, *some, seed=seed) for seed in (1, 1, 2))
    assert one == same and one != other and sorted(one) == sorted(other)
