"""Small random layouts that go through the whole vocabulary, every command as often as any other.

Commands and letters in special fonts are dealt from shuffled decks: a formula takes the next few commands and a letter
or two, each put to the use it has (an operator between letters, an accent over one, a delimiter around something).
"""

from collections.abc import Iterator
from random import Random
from string import ascii_letters, ascii_lowercase, ascii_uppercase, digits

from img2latex.data.templates.engine import chance, join

SYMBOLS = r"""
\alpha \beta \gamma \delta \epsilon \varepsilon \zeta \eta \theta \vartheta \iota \kappa \varkappa \lambda \mu \nu
\xi \pi \varpi \rho
\varrho \sigma \varsigma \tau \upsilon \phi \varphi \chi \psi \omega \digamma \Gamma \Delta \Theta \Lambda \Xi \Pi
\Sigma \Upsilon \Phi
\Psi \Omega \infty \partial \nabla \hbar \ell \wp \Re \Im \aleph \beth \imath \jmath \eth \mho \emptyset \varnothing
\angle \measuredangle
\sphericalangle \triangle \triangledown \square \blacksquare \lozenge \bigstar \blacktriangle \forall \exists
\nexists \neg \top \perp
\flat \natural \sharp \clubsuit \diamondsuit \heartsuit \spadesuit \surd \complement \checkmark \dagger \ddagger
\prime \bigcirc \% \& \# \$
\_ ! ? \therefore \because \circledR \P \S \diagup \Finv
""".split()
BINARY = r"""
+ - \pm \mp \times \div \cdot * \star \circ \bullet \cap \cup \uplus \sqcap \sqcup \vee \wedge \setminus \wr \diamond
\triangleleft
\triangleright \oplus \ominus \otimes \oslash \odot \amalg \boxplus \boxminus \boxtimes \boxdot \ltimes \rtimes
\circledast \circledcirc
\intercal \barwedge \veebar \curlywedge \curlyvee / : \bigtriangledown \Cap \Cup \dotplus \smile \frown
""".split()
RELATIONS = r"""
= < > \leq \geq \leqslant \geqslant \leqq \geqq \ll \gg \lll \ggg \lesssim \gtrsim \lessapprox \gtrapprox \lessgtr
\gtrless \lessdot \gtrdot
\prec \succ \preceq \succeq \preccurlyeq \succcurlyeq \precsim \succsim \sim \simeq \approx \approxeq \cong \equiv
\neq \doteq \triangleq
\propto \asymp \subset \supset \subseteq \supseteq \subsetneq \supsetneq \subseteqq \supseteqq \subsetneqq \Subset
\Supset \sqsubset
\sqsupset \sqsubseteq \sqsupseteq \in \ni \notin \| | \nmid \nparallel \perp \vdash \dashv \models \vDash \Vdash
\nvdash \nleq \ngeq \nless
\ngtr \nsubseteq \nsupseteq \nsim \ncong \lneq \gneq \bowtie \trianglelefteq \trianglerighteq \backsim \backsimeq
\between \pitchfork
\multimap \bumpeq \circeq \eqcirc \shortparallel \nprec \nsucc
""".split()
ARROWS = r"""
\leftarrow \rightarrow \uparrow \downarrow \leftrightarrow \updownarrow \Leftarrow \Rightarrow \Uparrow \Downarrow
\Leftrightarrow
\Updownarrow \longleftarrow \longrightarrow \longleftrightarrow \Longleftarrow \Longrightarrow \Longleftrightarrow
\mapsto \hookleftarrow
\hookrightarrow \leftharpoonup \leftharpoondown \rightharpoonup \rightharpoondown \rightleftharpoons
\leftrightharpoons \nearrow \searrow
\swarrow \nwarrow \rightsquigarrow \twoheadrightarrow \twoheadleftarrow \rightarrowtail \rightrightarrows
\leftleftarrows
\rightleftarrows \leftrightarrows \nrightarrow \nleftarrow \nleftrightarrow \nRightarrow \curvearrowright
\curvearrowleft \circlearrowright
\circlearrowleft \looparrowright \dashrightarrow \upharpoonright \downharpoonright \upuparrows \Rsh
""".split()
BIG = r"""
\sum \prod \coprod \int \iint \iiint \oint \bigcap \bigcup \bigsqcup \bigvee \bigwedge \bigoplus \bigotimes \bigodot
\biguplus \lim \limsup
\liminf \max \min \sup \inf \det \gcd \Pr
""".split()
FUNCTIONS = r"""
\sin \cos \tan \cot \sec \csc \arcsin \arccos \arctan \sinh \cosh \tanh \coth \log \ln \lg \exp \dim \ker \deg \hom \arg
""".split()
NAMES = """
tr rank diag sgn Re Im span Var Cov Aut Hom End supp div curl grad Res Tr ad id im coker Spec GL SL SO SU Gal Ext Tor
vol dist diam conv
argmax argmin mod lcm card erf Li Ai rot ord cl int ess Proj Pic adj softmax ReLU
""".split()
ACCENTS = r"""
\hat \tilde \bar \vec \dot \ddot \dddot \acute \grave \check \breve \mathring \widehat \widetilde \overline \underline
""".split()
WIDE = r"""
\overline \underline \widehat \widetilde \overrightarrow \overleftarrow \overleftrightarrow \overbrace \underbrace
\boxed
""".split()
PAIRS = [
    (r"\left(", r"\right)"), (r"\left[", r"\right]"), (r"\left\{", r"\right\}"), (r"\left|", r"\right|"),
    (r"\left\|", r"\right\|"),
    (r"\left\langle ", r"\right\rangle "), (r"\left\lfloor ", r"\right\rfloor "), (r"\left\lceil ", r"\right\rceil "),
    ("[", ")"), ("(", "]"),
    (r"\langle ", r"\rangle "), ("|", r"\rangle "), (r"\langle ", "|"), (r"\llcorner ", r"\lrcorner "),
]  # fmt: skip
TABLES = "matrix pmatrix bmatrix Bmatrix vmatrix Vmatrix cases aligned gathered array smallmatrix".split()
STRUCTURES = r"""
\frac \binom \sqrt \root \overset \underset \stackrel \xrightarrow \xleftarrow \substack \text \prime \prime2 \ldots
\cdots \vdots \ddots \pmod
\bmod \presuper \sub \super \both
""".split()

FONTS = {
    r"\mathbb": ascii_uppercase, r"\mathcal": ascii_uppercase, r"\mathscr": ascii_uppercase,
    r"\mathfrak": ascii_letters,
    r"\mathbf": ascii_letters + digits, r"\mathrm": ascii_letters, r"\mathsf": ascii_letters, r"\mathtt": ascii_letters,
    r"\boldsymbol": ascii_letters,
}  # fmt: skip
BOLD_GREEK = [symbol for symbol in SYMBOLS[:42] if symbol not in (r"\digamma", r"\varkappa")]
LETTERS = [
    *ascii_letters, *digits,
    *(f"{font}{{{letter}}}" for font, letters in FONTS.items() for letter in letters),
    *(rf"\boldsymbol{{{symbol}}}" for symbol in [*BOLD_GREEK, r"\nabla", r"\partial"]),
]  # fmt: skip
SENTENCE = """
if and or for all where otherwise such that subject to with else when in on as is then a.e. a.s. const
""".split()

COMMANDS = [
    *((kind, command) for kind, commands in (
        ("symbol", SYMBOLS), ("binary", BINARY), ("relation", RELATIONS), ("arrow", ARROWS), ("big", BIG),
        ("function", FUNCTIONS),
        ("accent", ACCENTS), ("wide", WIDE), ("structure", STRUCTURES), ("table", TABLES), ("name", NAMES),
    ) for command in commands),
    *(("pair", f"{left} {right}") for left, right in PAIRS),
]  # fmt: skip


def deal(rng: Random, cards: list) -> Iterator:
    """The cards in random order, shuffled anew whenever all have been dealt."""
    cards = list(cards)
    while True:
        rng.shuffle(cards)
        yield from cards


def formulas(seed: str, n: int) -> list[tuple[str, str]]:
    """`n` layouts as (kind of the first command, LaTeX)."""
    if n < 0:
        raise ValueError(f"The number of formulas must be 0 or more, not {n}.")
    rng = Random(seed)
    writer = Writer(rng)
    return [writer.formula() for _ in range(n)]


class Writer:
    """Deals commands and letters and puts them to use."""

    def __init__(self, rng: Random):
        self.rng = rng
        self.commands = deal(rng, COMMANDS)
        self.letters = deal(rng, LETTERS)

    def formula(self) -> tuple[str, str]:
        """One to four commands side by side, in a fraction, under a root or in a script."""
        hand = [next(self.commands) for _ in range(self.rng.choices([1, 2, 3, 4], [2, 4, 3, 1])[0])]
        pieces = [getattr(self, kind)(command) for kind, command in hand]
        return hand[0][0], " ".join(self.together(pieces).split())

    def together(self, pieces: list[str]) -> str:
        """Pieces in one line; now and then two of them in a fraction, or the last in a script."""
        if len(pieces) > 1 and chance(self.rng, 0.12) and not any(r"\begin" in piece for piece in pieces):
            return self.together([rf"\frac{{{pieces[0]}}}{{{pieces[1]}}}", *pieces[2:]])
        text = pieces[0]
        for piece in pieces[1:]:
            text = join(text, self.rng.choice(["", " ", ", ", "+", "=", "-"]))
            text = join(text, piece)
        return text

    def atom(self) -> str:
        """Mostly a plain letter or digit, else the next of all letters in all fonts."""
        if chance(self.rng, 0.45):
            return next(self.letters)
        return self.rng.choice(ascii_lowercase + ascii_lowercase + ascii_uppercase + digits)

    def operand(self) -> str:
        """An atom, at times with a script."""
        kind = self.rng.random()
        if kind < 0.7:
            return self.atom()
        if kind < 0.85:
            return f"{self.atom()}_{{{self.atom()}}}"
        return f"{self.atom()}^{{{self.atom()}}}"

    def some(self) -> str:
        """One to three operands in a row."""
        return " ".join(self.operand() for _ in range(self.rng.choice([1, 1, 2, 2, 3])))

    def symbol(self, command: str) -> str:
        """Alone, with a script, as a script, or in a small product."""
        return self.rng.choice([
            command, f"{command} {self.operand()}", f"{command}_{{{self.atom()}}}", f"{command}^{{{self.atom()}}}",
            f"{self.atom()}_{{{command}}}", f"{self.atom()}^{{{command}}}", f"{self.operand()} {command}",
        ])

    def binary(self, command: str) -> str:
        """Between two operands, at times in a script."""
        line = f"{self.operand()} {command} {self.operand()}"
        return f"{self.atom()}{self.rng.choice('_^')}{{{line}}}" if chance(self.rng, 0.12) else line

    def relation(self, command: str) -> str:
        """Between two operands, at times in front of one, as in a broken line."""
        return f"{command} {self.operand()}" if chance(self.rng, 0.1) else f"{self.some()} {command} {self.operand()}"

    def arrow(self, command: str) -> str:
        """Between two operands, or as a script."""
        return f"{self.atom()}^{{{command}}}" if chance(self.rng,
        0.1) else f"{self.operand()} {command} {self.operand()}"

    def big(self, command: str) -> str:
        """With limits below, or below and above."""
        below = self.rng.choice(["", f"_{{{self.atom()}}}", f"_{{{self.atom()}={self.atom()}}}",
        rf"_{{{self.atom()} \in {self.atom()}}}"])
        word = command in BIG[BIG.index(r"\lim") :]
        above = f"^{{{self.atom()}}}" if not word and chance(self.rng, 0.5) else ""
        return f"{command}{below}{above} {self.operand()}"

    def function(self, command: str) -> str:
        """Before its argument."""
        power = f"^{{{self.atom()}}}" if chance(self.rng, 0.2) else f"_{{{self.atom()}}}" if chance(self.rng,
        0.1) else ""
        return f"{command}{power} {self.operand()}" if chance(self.rng, 0.6) else f"{command}{power}({self.some()})"

    def name(self, command: str) -> str:
        """An upright name before its argument."""
        shown = rf"\operatorname{{{command}}}"
        return f"{shown} {self.operand()}" if chance(self.rng, 0.4) else f"{shown}({self.some()})"

    def accent(self, command: str) -> str:
        """Over one letter."""
        letter = self.rng.choice([*ascii_letters, *SYMBOLS[:42]]) if chance(self.rng, 0.7) else next(self.letters)
        script = f"_{{{self.atom()}}}" if chance(self.rng, 0.3) else ""
        return f"{command}{{{letter}}}{script}"

    def wide(self, command: str) -> str:
        """Over or under several letters."""
        note = f"{'^' if 'over' in command else '_'}{{{self.some()}}}" if command.endswith("brace") else ""
        return f"{command}{{{self.rng.choice([self.some(), self.operand() + '+' + self.operand()])}}}{note}"

    def pair(self, command: str) -> str:
        """Delimiters around something small or tall."""
        left, _, right = command.partition(" \\") if " \\" in command else command.partition(" ")
        right = "\\" + right if " \\" in command else right
        inside = self.rng.choice([self.some(), f"{self.operand()}, {self.operand()}",
        rf"\frac{{{self.atom()}}}{{{self.operand()}}}", self.operand()])
        return join(join(left, inside), right) + (f"^{{{self.atom()}}}" if chance(self.rng, 0.15) else "")

    def structure(self, command: str) -> str:
        """Fractions, roots, stacks, long arrows, scripts, dots, words."""
        a, b, c = self.some(), self.operand(), self.atom()
        word = " ".join(self.rng.sample(SENTENCE, self.rng.choice([1, 1, 2])))
        return {
            r"\frac": rf"\frac{{{a}}}{{{b}}}",
            r"\binom": rf"\binom{{{a}}}{{{b}}}",
            r"\sqrt": rf"\sqrt{{{a}}}",
            r"\root": rf"\sqrt[{c}]{{{a}}}",
            r"\overset": rf"\overset{{{c}}}{{{self.rng.choice(RELATIONS + ARROWS)}}} {b}",
            r"\underset": rf"\underset{{{c}}}{{{self.rng.choice(RELATIONS + ARROWS)}}} {b}",
            r"\stackrel": rf"{b} \stackrel{{{c}}}{{{self.rng.choice(RELATIONS)}}} {a}",
            r"\xrightarrow": rf"{b} \xrightarrow{{{a}}} {c}",
            r"\xleftarrow": rf"{b} \xleftarrow{{{a}}} {c}",
            r"\substack": rf"\sum_{{\substack{{{c}<{self.atom()} \\ {c} \neq {self.atom()}}}}} {b}",
            r"\text": rf"{b} \text{{ {word} }} {a}",
            r"\prime": rf"{c}^{{\prime}}",
            r"\prime2": rf"{c}^{{\prime \prime}}({b})",
            r"\ldots": rf"{c}, \ldots, {b}",
            r"\cdots": rf"{c}+\cdots+{b}",
            r"\vdots": rf"\begin{{matrix}} {c} \\ \vdots \\ {b} \end{{matrix}}",
            r"\ddots": rf"\begin{{pmatrix}} {c} & & \\ & \ddots & \\ & & {b} \end{{pmatrix}}",
            r"\pmod": rf"{b} \equiv {c} \pmod{{{self.atom()}}}",
            r"\bmod": rf"{b} \bmod {c}",
            r"\presuper": rf"{{}}^{{{c}}} {b}",
            r"\sub": f"{c}_{{{a}}}",
            r"\super": f"{c}^{{{a}}}",
            r"\both": f"{c}_{{{a}}}^{{{b}}}",
        }[command]

    def table(self, command: str) -> str:
        """Two or three rows and columns."""
        columns = {"cases": 2, "aligned": 2, "gathered": 1}.get(command, self.rng.choice([1, 2, 2, 3]))
        rows = [[self.operand() for _ in range(columns)] for _ in range(self.rng.choice([2, 2, 3]))]
        if command == "aligned":
            rows = [[left, "=" + right] for left, right in rows]
        body = r" \\ ".join(" & ".join(row) for row in rows)
        spec = "{" + self.rng.choice(["l", "c", "r"]) * columns + "}" if command == "array" else ""
        return rf"\begin{{{command}}}{spec} {body} \end{{{command}}}"
