"""Made-up text between formulas: words of several scripts with the numbers, names and marks that real pages have.

It is never read: it only has to look like text. A sentence is a list of words, among them `FORMULA` where one stands.
"""

from __future__ import annotations

import string

import numpy as np

FORMULA = "\0"  # stands for a formula within a sentence
_COMMON = {
    "en": "the of and to in is that for we with as by on are this be it from at which an have can if one then let such "
    "there where each these not or any all when has between given so thus function value follows number point case "
    "result theorem model data set every shown above below time consider obtain hence proof order term equation "
    "constant system energy field line method problem values assume small large first second using only also note",
    "de": "der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an werden aus er "
    "hat dass sie nach wird bei einer um am sind noch wie einem über so zum Satz Beweis Aufgabe Funktion Wert gilt "
    "gegeben sei dann folgt Zahl Menge Gleichung Lösung berechne zeige bestimme Punkt Gerade Fläche Länge",
    "fr": "le la les de des du et en un une est que pour dans on par sur avec qui ne se soit alors si donc tout il "
    "existe fonction valeur point calculer montrer résoudre exercice équation théorème où égale nombre réel suite",
    "es": "el la los las de del y en un una es que para con por se no si entonces sea todo función valor punto "
    "calcular demostrar ejercicio ecuación número tal donde límite solución más como área",
}
_SYLLABLES = {
    "en": "con ver pro ment tion ing er ist al ter in com pre dis ma tri lo gen for stan der sub ple ra ble si on ty",
    "de": "ver ge be ung keit schaft ein aus lich stand Be rech nen auf tig haf ab lei ten ent schei den um mess bar",
    "fr": "ment tion con pré eur ien aire dé com par res sion able que ure ité li mi na ra vec teur",
    "es": "ción mien to dad con pre cal cu lar so lu de ri va da in te gral ma triz vec tor es pa cio",
}
_CHINESE = [bytes((high, low)).decode("gb2312") for high in range(0xB0, 0xD7) for low in range(0xA1, 0xFF)]
_TERMS = (
    "已知 函数 求 设 则 的 值 为 若 如图 所示 下列 正确 是 在 中 点 直线 圆 方程 解 证明 满足 集合 数列 面积 "
    "三角形 抛物线 最大值 最小值 取值范围 实数 等于 且 分别 向量 概率 椭圆 坐标 因为 所以 由 得 即 与 对于 任意"
).split()
_CYRILLIC = "абвгдежзиклмнопрстуфхцчшыьэюя"
LANGUAGES = {"en": 9, "de": 3, "fr": 2, "es": 1, "zh": 6, "ru": 1}


class Prose:
    """Sentences of one language.

    Args:
        language: a key of LANGUAGES.
    """

    def __init__(self, language: str, rng: np.random.Generator):
        self.language, self.rng = language, rng

    def word(self) -> str:
        rng = self.rng
        if self.language == "zh":
            return str(rng.choice(_TERMS)) if rng.random() < 0.6 else "".join(rng.choice(_CHINESE, rng.integers(1, 4)))
        if self.language == "ru":
            return "".join(rng.choice(list(_CYRILLIC), rng.integers(1, 11)))
        if rng.random() < 0.62:
            return str(rng.choice(_COMMON[self.language].split()))
        return "".join(rng.choice(_SYLLABLES[self.language].split(), rng.integers(1, 4)))

    def odd(self) -> str:
        """Something between words that is no formula: a number, a reference, an address."""
        rng = self.rng
        number = str(rng.choice([rng.integers(1, 30), rng.integers(1900, 2030), rng.integers(100, 99999)]))
        letter = str(rng.choice(list(string.ascii_letters)))
        return str(rng.choice([
            number, f"{number}.{rng.integers(1, 99)}", f"({rng.integers(1, 12)})", f"[{rng.integers(1, 60)}]",
            f"({letter.lower()})", f"{letter.upper()}.", f"{rng.integers(2, 99)}%", f"{rng.integers(1, 30)} cm",
            f"Fig. {rng.integers(1, 9)}", f"Table {rng.integers(1, 9)}", "e.g.", "i.e.", "et al.", "a", "I", "A",
            f"Sec. {rng.integers(1, 9)}.{rng.integers(1, 9)}", f"{rng.integers(1, 12)}:{rng.integers(10, 59)}",
            "DNA", "x-axis", "pp. 12–19", "user@mail.org", "https://www.site.org/a", "f.", "n.", "Q1", "H2", "1st",
        ]))  # fmt: skip

    def code(self) -> str:
        """A line of a program or of a session with one, in ASCII: it has signs and brackets, and is no formula."""
        rng = self.rng
        words = "x y n i k a f key data var buf self.x obj size Str max print val p q poly".split()
        a, b, c = rng.choice(words, 3)
        n, m = rng.integers(0, 120, 2)
        return str(rng.choice([
            f"{a} = {b}({c}, {n});", f"{a}[{n}] += {m}", f"if ({a} == {n}) {{", f"for (i = 0; i < {a}; i++)",
            f"{a}({b}^2 + {n}, [{m}, {n}])", f"%{n} = {m}", f"%{n} = [{m}, {n}]", f"return {a} * {b} - {n};",
            f"? {a} = {b}({c}^{n} + {m});", f'{a}("{b}", {n})', f"{a}->{b} = {c} / {n};", f"def {a}({b}, {c}={n}):",
            f"print({a}[{n}:{m}])", f"[{n}, {m}; {n}, 0]", f"// {a} of {b}", f"{a}.{b}()", f"{a} := {b} + {n}",
            f"x{n} <= {m} && !{a}", f"{a}({b})", f"{a}[{b}]", f"{a} = {n}", f"GEN {a}(GEN {b}, long {c})",
            f"{n} {m} {n}.{m}", f"[{n},{-m},{n},0,0]", f"{a}({b},'{c})", f"{a} + {b} + {c}", f"{a}_{b}", f"&{a}",
            f"? {a}({b}^{n}-{m},{c})[{n}]", f"%{n} = [{a}^2 - {n}*{b} + {m}, [-{n}]]", f"${a}_{{{n}}}$", "\\\\",
            rf"\{b} = {a}_{{i{n}}} & {c}^{{{m}}} \\", rf"\frac{{{a}}}{{{b}}} \cdot {c}", rf"\begin{{{b}}}", f"{a}*{b}",
            rf"& \{b}{{{a}}} {c} > {n},\\", rf"\{a}{{{b}}}[{n}]", f"1/{n}", f"{a}/{b}/{c}{n}.txt", f"<{b} {a}='{n}'>",
        ]))  # fmt: skip

    def reference(self) -> list[str]:
        """An entry of a bibliography, in pieces: who, what, where, when."""
        rng = self.rng
        who = ", ".join(f"{rng.choice(list(string.ascii_uppercase))}. {self.name()}" for _ in range(rng.integers(1, 4)))
        what, where = (" ".join(self.word() for _ in range(rng.integers(2, n))).capitalize() for n in (9, 5))
        volume, year, page = rng.integers(1, 150), rng.integers(1950, 2026), rng.integers(1, 900)
        issue, preprint = f", no. {rng.integers(1, 12)}", f", arXiv:{rng.integers(700, 2600)}.{rng.integers(9999)}"
        number = str(rng.choice(["", issue, preprint]))
        pages = f"{page}–{page + rng.integers(3, 50)}"
        return [f"{who}, ", f"{what}, ", f"{where} ", str(volume), f" ({year}){number}, {pages}."]

    def name(self) -> str:
        return self.word().capitalize()

    def sentence(self, formulas: float, length: int | None = None) -> list[str]:
        """Words, of which so large a share are formulas; the last has its full stop."""
        rng = self.rng
        words = []
        for _ in range(length or int(rng.integers(5, 24))):
            # Never two in succession, which would look like one.
            if words[-1:] != [FORMULA] and rng.random() * (1 - formulas) < formulas:
                words.append(FORMULA)
            elif rng.random() < 0.05:
                words.append(self.odd())
            else:
                words.append(self.word() + ("," if rng.random() < 0.07 else ""))
        if words[0] != FORMULA:
            words[0] = words[0].capitalize()
        mark = "。" if self.language == "zh" else "."
        words[-1] = words[-1] + mark if words[-1] != FORMULA else words[-1]
        return words

    def paragraph(self, formulas: float, sentences: int | None = None) -> list[str]:
        return [word for _ in range(sentences or int(self.rng.integers(2, 7))) for word in self.sentence(formulas)]

    def join(self, words: list[str]) -> str:
        return ("" if self.language == "zh" else " ").join(words)
