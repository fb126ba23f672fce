"""Tables of LaTeX: what is spelled in several ways, what cannot be seen, what takes arguments. Facts only, no logic."""

# One spelling for what looks the same.
SYNONYMS = {
    r"\le": r"\leq", r"\ge": r"\geq", r"\ne": r"\neq", r"\to": r"\rightarrow", r"\gets": r"\leftarrow",
    r"\vert": "|", r"\lvert": "|", r"\rvert": "|", r"\mid": "|", r"\divides": "|", r"\shortmid": "|",
    r"\Vert": r"\|", r"\lVert": r"\|", r"\rVert": r"\|", r"\parallel": r"\|",
    r"\lbrace": r"\{", r"\rbrace": r"\}", r"\lbrack": "[", r"\rbrack": "]", r"\lparen": "(", r"\rparen": ")",
    r"\land": r"\wedge", r"\lor": r"\vee", r"\lnot": r"\neg", r"\owns": r"\ni",
    r"\iff": r"\Longleftrightarrow", r"\implies": r"\Longrightarrow", r"\impliedby": r"\Longleftarrow",
    r"\dag": r"\dagger", r"\ddag": r"\ddagger", r"\ast": "*", r"\centerdot": r"\cdot", r"\cdotp": r"\cdot",
    r"\dots": r"\ldots", r"\dotsc": r"\ldots", r"\dotso": r"\ldots", r"\mathellipsis": r"\ldots",
    r"\textellipsis": r"\ldots", r"\dotsb": r"\cdots", r"\dotsm": r"\cdots", r"\dotsi": r"\cdots",
    r"\colon": ":", r"\ratio": ":", r"\lt": "<", r"\gt": ">", r"\textgreater": ">", r"\textless": "<",
    r"\slash": "/", r"\textbackslash": r"\setminus", r"\backslash": r"\setminus", r"\bot": r"\perp",
    r"\textbar": "|", r"\textendash": "-", r"\textemdash": "-", r"\textasciitilde": r"\sim", r"\thicksim": r"\sim",
    r"\thickapprox": r"\approx", r"\doublecap": r"\Cap", r"\doublecup": r"\Cup", r"\restriction": r"\upharpoonright",
    r"\dfrac": r"\frac", r"\tfrac": r"\frac", r"\cfrac": r"\frac", r"\nicefrac": r"\frac", r"\sfrac": r"\frac",
    r"\dbinom": r"\binom", r"\tbinom": r"\binom", r"\stackrel": r"\overset", r"\sp": "^", r"\sb": "_",
    r"\hslash": r"\hbar", r"\Box": r"\square", r"\doteqdot": r"\Doteq",
    r"\leadsto": r"\rightsquigarrow", r"\lhd": r"\triangleleft", r"\rhd": r"\triangleright",
    r"\vartriangleleft": r"\triangleleft", r"\vartriangleright": r"\triangleright", r"\unlhd": r"\trianglelefteq",
    r"\unrhd": r"\trianglerighteq", r"\vartriangle": r"\triangle", r"\bigtriangleup": r"\triangle",
    r"\upvarphi": r"\varphi", r"\upmu": r"\mu", r"\textmu": r"\mu", r"\micro": r"\mu", "µ": r"\mu",
    r"\lgroup": "(", r"\rgroup": ")",
    r"\Alpha": "A", r"\Beta": "B", r"\Epsilon": "E", r"\Zeta": "Z", r"\Eta": "H", r"\Iota": "I", r"\Kappa": "K",
    r"\Mu": "M", r"\Nu": "N", r"\Omicron": "O", r"\Rho": "P", r"\Tau": "T", r"\Chi": "X", r"\omicron": "o",
    r"\varGamma": r"\Gamma", r"\varDelta": r"\Delta", r"\varTheta": r"\Theta", r"\varLambda": r"\Lambda",
    r"\varXi": r"\Xi", r"\varPi": r"\Pi", r"\varSigma": r"\Sigma", r"\varPhi": r"\Phi", r"\varPsi": r"\Psi",
    r"\varOmega": r"\Omega", r"\infin": r"\infty", r"\exist": r"\exists", r"\empty": r"\emptyset",
    r"\isin": r"\in", r"\sub": r"\subset", r"\R": r"\mathbb{R}", r"\textquotesingle": "'",
    r"\lang": r"\langle", r"\rang": r"\rangle", r"\smallsetminus": r"\setminus", r"\varpropto": r"\propto",
    r"\wideparen": r"\overparen", r"\overarc": r"\overparen", r"\arc": r"\overparen",
    r"\Reals": r"\mathbb{R}",
    "−": "-", "–": "-", "×": r"\times", "÷": r"\div", "±": r"\pm", "·": r"\cdot", "≤": r"\leq", "≥": r"\geq",
    "≠": r"\neq", "≈": r"\approx", "∞": r"\infty", "→": r"\rightarrow", "←": r"\leftarrow", "∈": r"\in", "∑": r"\sum",
    "∫": r"\int", "√": r"\surd", "π": r"\pi", "α": r"\alpha", "β": r"\beta", "γ": r"\gamma", "δ": r"\delta",
    "θ": r"\theta", "λ": r"\lambda", "μ": r"\mu", "σ": r"\sigma", "φ": r"\varphi", "ω": r"\omega", "Δ": r"\Delta",
    "Ω": r"\Omega", "°": r"\degree", "′": "'", "’": "'", "…": r"\ldots", "⋯": r"\cdots", "∠": r"\angle",
    "⊥": r"\perp", "∥": r"\|", "△": r"\triangle", "，": ",", "：": ":", "（": "(", "）": ")", "；": ";", "．": ".",
    "＝": "=", "＋": "+", "＜": "<", "＞": ">",
}

# Cannot be seen: spacing, size, line-breaking hints.
INVISIBLE = frozenset(r"""
\, \: \; \! \> \/ \- \ \quad \qquad \thinspace \medspace \thickspace \negthinspace \negmedspace \negthickspace \enspace
\enskip \hfill \hfil \hss \vfill \null \strut \mathstrut \displaystyle \textstyle \scriptstyle \scriptscriptstyle
\limits \nolimits \displaylimits \nonumber \notag \allowbreak \nobreak \break \relax \noindent \par \protect
\tiny \scriptsize \footnotesize \small \normalsize \large \Large \LARGE \huge \Huge \unboldmath \space
\allowdisplaybreaks
\bigskip \medskip \smallskip \goodbreak \penalty \left \right \middle \big \Big \bigg \Bigg \bigl \Bigl \biggl \Biggl
\bigr \Bigr \biggr \Biggr \bigm \Bigm \biggm \Biggm \unskip \ignorespaces \leavevmode \centering \xspace
\hfilneg \rmfamily \upshape \mdseries \crcr \newline \displaybreak \qed \qedhere \samepage \egroup \bgroup
""".split()) | {"\\\n", "\\ "}

# The delimiter that follows these may be `.` (none) or `<` (an angle).
DELIMITER_SIZES = frozenset(c for c in INVISIBLE if c in (r"\left", r"\right", r"\middle") or c[:4].lower() == r"\big")
DELIMITER_SIZES -= {r"\bigskip"}

# Nothing of these is seen, argument included.
INVISIBLE_WITH_ARGUMENT = frozenset(r"""
\label \hspace \vspace \phantom \hphantom \vphantom \mspace \color \cline \vadjust \intertext \shortintertext
\pagebreak \linebreak
""".split())
# Before the number of an equation: with round brackets of its own, or drawn as it is written.
NUMBERED = frozenset((r"\tag", r"\tag*"))
NUMBER_CHARACTERS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.,:/'*-"
INVISIBLE_DIMENSIONS = frozenset(r"\kern \hskip \mskip \mkern \vskip \lower \raise \moveleft \moveright".split())

# The argument is seen, the command is not.
TRANSPARENT = frozenset(r"""
\ensuremath \mathord \mathbin \mathrel \mathop \mathopen \mathclose \mathpunct \mathinner \vcenter \smash \mathrlap
\mathllap \rlap \llap \clap \mathclap \uppercase \lefteqn
""".split())
# The first argument is not seen, the second is.
SECOND_ONLY = frozenset(r"\textcolor \raisebox \colorbox \hyperref \href \scalebox".split())

STYLES = {
    r"\mathrm": "rm", r"\mathbf": "bf", r"\boldsymbol": "bs", r"\bm": "bs", r"\pmb": "bs", r"\bold": "bf",
    r"\mathbfit": "bs", r"\mathcal": "cal", r"\mathbb": "bb", r"\Bbb": "bb", r"\mathds": "bb", r"\mathbbm": "bb",
    r"\mathfrak": "frak", r"\mathscr": "scr", r"\mathsf": "sf", r"\mathsfit": "sf", r"\mathtt": "tt", r"\mathit": "it",
    r"\mathnormal": "it", r"\symbf": "bf", r"\symup": "rm", r"\mathup": "rm", r"\operatorname": "rm",
    r"\operatornamewithlimits": "rm", r"\mathbold": "bs",
}
STYLE_SWITCHES = {
    r"\rm": "rm", r"\bf": "bf", r"\cal": "cal", r"\it": "it", r"\sf": "sf", r"\tt": "tt", r"\frak": "frak",
    r"\mit": "it", r"\sl": "it", r"\em": "it", r"\sc": "rm", r"\boldmath": "bs", r"\bfseries": "bf", r"\itshape": "it",
    r"\scr": "scr", r"\goth": "frak",
}
TEXT = {
    r"\text": "rm", r"\textrm": "rm", r"\textnormal": "rm", r"\mbox": "rm", r"\hbox": "rm", r"\textup": "rm",
    r"\textbf": "bf", r"\textit": "it", r"\emph": "it", r"\textsl": "it", r"\textsf": "sf", r"\texttt": "tt",
    r"\textsc": "rm", r"\textmd": "rm", r"\tn": "rm",
}
STYLE_COMMAND = {
    "rm": r"\mathrm", "bf": r"\mathbf", "bs": r"\boldsymbol", "cal": r"\mathcal", "bb": r"\mathbb",
    "frak": r"\mathfrak", "scr": r"\mathscr", "sf": r"\mathsf", "tt": r"\mathtt",
}

GREEK = frozenset(r"""
\alpha \beta \gamma \delta \epsilon \varepsilon \zeta \eta \theta \vartheta \iota \kappa \varkappa \lambda \mu \nu \xi
\pi \varpi \rho \varrho \sigma \varsigma \tau \upsilon \phi \varphi \chi \psi \omega \digamma
""".split())
CAPITAL_GREEK = frozenset(r"\Gamma \Delta \Theta \Lambda \Xi \Pi \Sigma \Upsilon \Phi \Psi \Omega".split())
BOLD_SYMBOLS = GREEK | {r"\nabla", r"\ell", r"\partial", r"\hbar", r"\imath", r"\jmath"}

# Integrals, with how many differentials each waits for.
INTEGRALS = {r"\int": 1, r"\iint": 2, r"\iiint": 3, r"\iiiint": 4, r"\oint": 1, r"\oiint": 2, r"\oiiint": 3}
# Behind these a factor or a term begins, and before them it ends.
SIGNS = frozenset(r"""
+ - = < > , ; : / \pm \mp \times \div \cdot \leq \geq \neq \equiv \approx \sim \simeq \cong \propto \in \notin
\subset \subseteq \leqslant \geqslant \ll \gg \rightarrow \leftarrow \Rightarrow \Longrightarrow \Leftrightarrow
\Longleftrightarrow \mapsto \rightleftharpoons \wedge \vee \cap \cup \mid \parallel
""".split())
# Operators with limits above and below in a display, and words that are such operators.
LIMIT_FUNCTIONS = frozenset(r"\lim \limsup \liminf \max \min \sup \inf \det \gcd \Pr".split())
LIMIT_SIGNS = frozenset(r"""
\sum \prod \coprod \bigcap \bigcup \bigsqcup \bigvee \bigwedge \bigoplus \bigotimes \bigodot \biguplus
""".split())
LIMIT_WORDS = frozenset("arg~max arg~min argmax argmin ess~sup ess~inf esssup essinf colim plim".split())

# Upright words that LaTeX has a command for.
FUNCTIONS = frozenset(r"""
\arccos \arcsin \arctan \arg \cos \cosh \cot \coth \csc \deg \det \dim \exp \gcd \hom \inf \ker \lg \lim \liminf \limsup
\ln \log \max \min \Pr \sec \sin \sinh \sup \tan \tanh
""".split())
FUNCTION_WORDS = {f[1:]: f for f in FUNCTIONS} | {"lim~sup": r"\limsup", "lim~inf": r"\liminf"}
WORD_COMMANDS = {r"\bmod": "mod", r"\mod": "mod", r"\argmax": "arg~max", r"\argmin": "arg~min", r"\injlim": "inj~lim",
                 r"\projlim": "proj~lim", r"\cosec": "cosec", r"\sgn": "sgn", r"\th": "th", r"\sh": "sh", r"\ch": "ch",
                 r"\tr": "tr", r"\Tr": "Tr", r"\rank": "rank", r"\diag": "diag", r"\tg": "tg", r"\arctg": "arctg",
                 r"\ctg": "ctg", r"\cotg": "cotg"}

ACCENTS = frozenset(r"""
\hat \widehat \tilde \widetilde \bar \overline \vec \overrightarrow \overleftarrow \overleftrightarrow \dot \ddot \dddot
\ddddot \acute \grave \check \widecheck \breve \mathring \underline \overbrace \underbrace \boxed \overparen
\underrightarrow \underleftarrow \underleftrightarrow \overleftharpoon \overrightharpoon \Overrightarrow \overgroup
\undergroup \overlinesegment \underlinesegment \cancel \bcancel \xcancel \overbracket \underbracket
""".split())
ONE_ARGUMENT = ACCENTS
TWO_ARGUMENTS = frozenset(r"\frac \binom \overset \underset".split())
# `[..]` optional, then one argument.
OPTIONAL_THEN_ONE = frozenset(
    r"""
\sqrt \xrightarrow \xleftarrow \xleftrightarrow \xRightarrow \xLeftarrow \xLeftrightarrow \xrightleftharpoons
\xleftrightharpoons \xmapsto \xhookrightarrow \xhookleftarrow \xlongequal
\xrightharpoonup \xrightharpoondown \xleftharpoonup \xleftharpoondown \xrightleftarrows \xtofrom \xtwoheadrightarrow
\xtwoheadleftarrow
""".split()
)
# Arrows, and those that grow with their labels.
LONG_ARROWS = {
    r"\rightarrow": r"\xrightarrow", r"\longrightarrow": r"\xrightarrow", r"\leftarrow": r"\xleftarrow",
    r"\longleftarrow": r"\xleftarrow", r"\leftrightarrow": r"\xleftrightarrow",
    r"\longleftrightarrow": r"\xleftrightarrow",
    r"\rightleftharpoons": r"\xrightleftharpoons",
}  # fmt: skip
PLAIN_ARROWS = {long: plain for plain, long in LONG_ARROWS.items()}  # how they look without labels
COMMAND_SYNONYMS = {r"\xlongrightarrow": r"\xrightarrow", r"\xlongleftarrow": r"\xleftarrow",
                    r"\xLongrightarrow": r"\xRightarrow", r"\xLongleftarrow": r"\xLeftarrow",
                    r"\b": r"\underline", r"\fbox": r"\boxed", r"\framebox": r"\boxed", r"\textoverline": r"\overline",
                   r"\sout": r"\cancel", r"\widebar": r"\overline", r"\Hat": r"\hat",
                   r"\Bar": r"\bar", r"\Tilde": r"\tilde", r"\Vec": r"\vec", r"\Dot": r"\dot",
                   r"\underbar": r"\underline", r"\utilde": r"\underline"}

# Commands of siunitx, with how many arguments they have.
SIUNITX = {r"\num": 1, r"\ang": 1, r"\si": 1, r"\unit": 1, r"\SI": 2, r"\qty": 2}
# The argument stands between these.
ENCLOSED = {r"\bra": (r"\langle", "|"), r"\ket": ("|", r"\rangle"), r"\braket": (r"\langle", r"\rangle"),
            r"\Bra": (r"\langle", "|"), r"\Ket": ("|", r"\rangle"), r"\Braket": (r"\langle", r"\rangle")}

INFIX = {r"\over": r"\frac", r"\choose": r"\binom", r"\atop": r"\substack", r"\above": None, r"\brace": None,
         r"\brack": None}

NEGATIONS = {"=": r"\neq", r"\in": r"\notin", r"\equiv": r"\not \equiv", r"\leq": r"\nleq", r"\geq": r"\ngeq",
             "<": r"\nless", ">": r"\ngtr", "|": r"\nmid", r"\|": r"\nparallel", r"\exists": r"\nexists",
             r"\sim": r"\nsim", r"\cong": r"\ncong", r"\subseteq": r"\nsubseteq", r"\supseteq": r"\nsupseteq"}

# Environments by what they look like.
ENVIRONMENTS = {
    "aligned": "aligned", "align": "aligned", "align*": "aligned", "split": "aligned", "eqnarray": "eqnarray",
    "eqnarray*": "eqnarray", "alignat": "aligned", "alignat*": "aligned", "alignedat": "aligned", "flalign": "aligned",
    "flalign*": "aligned", "IEEEeqnarray": "eqnarray", "IEEEeqnarray*": "eqnarray",
    "gathered": "gathered", "gather": "gathered", "gather*": "gathered", "multline": "gathered",
    "multline*": "gathered",
    "multlined": "gathered", "array": "array", "tabular": "array", "darray": "array",
    "cases": "cases", "dcases": "cases", "cases*": "cases", "dcases*": "cases", "rcases": "rcases", "numcases": "cases",
    "matrix": "matrix", "pmatrix": "pmatrix", "bmatrix": "bmatrix", "Bmatrix": "Bmatrix", "vmatrix": "vmatrix",
    "Vmatrix": "Vmatrix", "smallmatrix": "smallmatrix", "psmallmatrix": "psmall", "bsmallmatrix": "bsmall",
    "matrix*": "matrix", "pmatrix*": "pmatrix", "bmatrix*": "bmatrix", "subarray": "substack",
}
SHELLS = frozenset("equation equation* displaymath math subequations dmath dmath* small footnotesize center".split())
MATRIX_DELIMITERS = {("(", ")"): "pmatrix", ("[", "]"): "bmatrix", (r"\{", r"\}"): "Bmatrix", ("|", "|"): "vmatrix",
                     (r"\|", r"\|"): "Vmatrix"}
PLAIN_TEX_TABLES = {r"\matrix": "matrix", r"\pmatrix": "pmatrix", r"\cases": "cases", r"\eqalign": "aligned",
                    r"\substack": "substack", r"\displaylines": "gathered", r"\eqalignno": "aligned"}

# Never part of a formula.
REFUSED = frozenset(r"""
\cite \ref \eqref \footnote \includegraphics \input \include \def \newcommand \renewcommand \let \verb \url \item
\multicolumn \multirow \makebox \parbox \sideset \mathchoice \prescript \rule \hrule \vrule \halign \bibitem \section
\today
\write \openout \special \catcode \csname \expandafter \futurelet \xymatrix \tikz \put \unitlength \begin \end \gdef
\edef
\DeclareMathOperator \setlength \renewcommand \newenvironment \usepackage \documentclass \loop \number \the \if \ifx
\else \fi
""".split())
