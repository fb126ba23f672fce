"""Physics and first-year university mathematics as templates: accents, fonts, sums, integrals."""

from img2latex.data.templates.engine import Rule, block, one_of

WORDS: dict[str, Rule] = {
    "gk": one_of(*(rf"\{name}" for name in (
        "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta kappa lambda mu nu xi pi rho sigma tau phi "
        "varphi chi psi omega"
    ).split())),
    "up": one_of(*(rf"\{name}" for name in "Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega".split())),
    "lo": one_of(*"abcdefghkmnpqrstuvwxyz"),
    "cap": one_of(*"ABCDEFGHIJKLMNPQRSTUVWXYZ"),
    "i": [(4, "i"), (3, "j"), (3, "k"), (2, "n"), (1, "m"), (1, "l"), (.5, r"\ell"), (1, r"\mu"), (1, r"\nu")],
    "top": [(4, "n"), (3, r"\infty"), (2, "N"), (1, "m"), (1, "K"), (1, "d"), (1, "T"), (.5, "n-1"), (.5, "p")],
    "hat": [r"\hat{<lo>}", r"\bar{<lo>}", r"\tilde{<lo>}", r"\hat{<gk>}", r"\bar{<gk>}", r"\widehat{<cap>}",
            r"\widetilde{<cap>}",
            r"\overline{<cap>}", r"\dot{<lo>}", r"\ddot{<lo>}", r"\tilde{<gk>}", r"\check{<lo>}", r"\hat{<cap>}",
            r"\tilde{<cap>}"],
    "bold": [r"\mathbf{<lo>}", r"\boldsymbol{<lo>}", r"\mathbf{<cap>}", r"\boldsymbol{<gk>}", r"\vec{<lo>}",
             r"\vec{<cap>}"],
    "cal": [(4, r"\mathcal{<cap>}"), (1, r"\mathscr{<cap>}"), (1, r"\mathfrak{<lo>}"), (1, r"\mathfrak{<cap>}")],
    "bb": [(4, r"\mathbb{R}"), (2, r"\mathbb{C}"), (2, r"\mathbb{Z}"), (2, r"\mathbb{N}"), (1, r"\mathbb{Q}"),
           (1, r"\mathbb{F}"),
           (.5, r"\mathbb{P}"), (.5, r"\mathbb{E}"), (.5, r"\mathbb{S}"), (.5, r"\mathbb{T}"), (.5, r"\mathbb{H}")],
    "op": [r"\operatorname{tr}", r"\operatorname{rank}", r"\operatorname{diag}", r"\operatorname{sgn}", r"\det",
           r"\dim", r"\ker",
           r"\operatorname{Re}", r"\operatorname{Im}", r"\operatorname{span}", r"\operatorname{Var}",
           r"\operatorname{Cov}",
           r"\operatorname{Aut}", r"\operatorname{Hom}", r"\operatorname{supp}", r"\operatorname{div}", r"\exp",
           r"\log"],
    "rel": [(8, "="), (2, r"\leq"), (1, r"\geq"), (1, r"\approx"), (1, r"\equiv"), (1, r"\sim"), (.7, r"\simeq"),
            (.7, r"\propto"),
            (.7, r"\neq"), (.4, r"\ll"), (.4, r"\gg"), (.5, ":="), (.3, r"\lesssim"), (.3, r"\cong"),
            (.3, r"\triangleq")],
    "bin": [(4, "+"), (4, "-"), (1, r"\cdot"), (1, r"\otimes"), (.7, r"\oplus"), (.7, r"\times"), (.5, r"\circ"),
            (.5, r"\wedge"),
            (.3, r"*"), (.3, r"\star"), (.5, r"\pm"), (.2, r"\odot")],
    "arrow": [(4, r"\to"), (1, r"\mapsto"), (1, r"\longrightarrow"), (1, r"\Rightarrow"), (.7, r"\hookrightarrow"),
              (.7, r"\Longrightarrow"),
              (.5, r"\iff"), (.4, r"\leftarrow"), (.4, r"\leftrightarrow"), (.3, r"\rightrightarrows"),
              (.3, r"\twoheadrightarrow"),
              (.3, r"\xrightarrow{<lo>}"), (.3, r"\stackrel{<gk>}{\longrightarrow}")],
    "sym": [(3, "<lo>"), (3, "<gk>"), (2, "<cap>"), (2, "<lo>_{<i>}"), (1, "<gk>_{<i>}"), (1, "<up>"),
            (1, "<cap>_{<i>}"), (1, "<hat>"),
            (1, "<bold>"), (.7, "<cal>"), (.7, "<lo>^{2}"), (.5, "<lo>_{<i> <i>}"), (.5, "<lo>_{<i>}^{2}"),
            (.3, "<hat>_{<i>}"), (.3, "<lo>'"),
            (.3, r"<cap>^{\dagger}"), (.3, r"<cap>^{-1}"), (.3, r"<cap>^{\top}"), (.3, r"<cap>^{*}"),
            (.3, r"<lo>^{(<i>)}")],
    "atom": [(6, "<sym>"), (1, r"\frac{<sym>}{<sym>}"), (1, r"\sqrt{<sym>}"), (1, "<lo>(<sym>)"),
             (1, r"\left|<sym>\right|"), (.6, r"\|<sym>\|"),
             (.6, r"e^{<sgn><sym> <sym>}"), (.6, r"\langle <sym>, <sym>\rangle"), (.6, r"<op>(<sym>)"),
             (.6, r"\partial_{<i>} <sym>"),
             (.5, r"\frac{\partial <sym>}{\partial <lo>}"), (.5, r"\log <sym>"), (.4, r"\nabla <sym>"),
             (.4, "(<sym><bin><sym>)"), (.3, "<digit> <sym>")],
    "sgn": ["", "-", "i ", "-i "],
    "digit": one_of(*"23456789"),
    "expr": [(3, "<atom><bin><atom>"), (2, "<atom> <atom>"), (1, r"\frac{<atom><bin><atom>}{<atom>}"),
             (1, r"<sum> <atom> <sym>"),
             (1, r"<atom>\left(<atom><bin><atom>\right)"), (1, "<atom><bin><atom><bin><atom>"),
             (.5, r"\sqrt{<atom>+<atom>}"),
             (.5, r"\left(<atom><bin><atom>\right)^{<pow>}"), (.4, r"\frac{1}{<digit>} <atom> <atom>"),
             (.5, "<int> <atom> d<lo>")],
    "pow": ["2", "n", "-1", r"\frac{1}{2}", "k", "p", "-s", "3"],
    "sum": [(5, r"\sum_{<i>=1}^{<top>}"), (2, r"\sum_{<i>=0}^{<top>}"), (2, r"\prod_{<i>=1}^{<top>}"),
            (2, r"\sum_{<i>}"), (.5, r"\bigcup_{<i>=1}^{<top>}"),
            (.5, r"\bigoplus_{<i>}"), (.5, r"\bigcap_{<i>}"), (.6, r"\sum_{<i>, <i>}"), (.5, r"\sum_{<lo> \in <cal>}"),
            (.4, r"\sum_{\substack{<lo>=1 \\ <lo> \neq <lo>}}^{n}"),
            (.6, r"\max_{<lo>}"), (.6, r"\min_{<lo> \in <cal>}"), (.5, r"\sup_{<lo>}"), (.4, r"\inf_{<lo>}"),
            (.5, r"\lim_{<lo> \to \infty}"),
            (.3, r"\coprod_{<i>}"), (.3, r"\limsup_{n \to \infty}")],
    "int": [(4, r"\int_{0}^{<top>}"), (3, r"\int"), (2, r"\int_{-\infty}^{\infty}"), (2, r"\int_{<up>}"),
            (1, r"\int_{<lo>}^{<lo>}"), (.6, r"\iint_{D}"),
            (.6, r"\oint_{C}"), (.3, r"\iiint_{V}"), (1, r"\int_{<bb>^{<lo>}}")],
    "unit": block(r"""
        \mathrm{m} / \mathrm{s}   \mathrm{m} / \mathrm{s}^{2}   \mathrm{~kg}   \mathrm{~N}   \mathrm{~J}   \mathrm{~V}
        \mathrm{~W}   \Omega   \mathrm{~Hz}   \mathrm{kg} / \mathrm{m}^{3}   \mathrm{~Pa}   \mathrm{~A}   \mathrm{~nm}
        \mathrm{eV}   \mathrm{~T}   \mathrm{C}
    """),
}

CATEGORIES: dict[str, tuple[float, Rule]] = {
    "physics": (4, block(r"""
        v=v_{0}+a t   s=v_{0} t+\frac{1}{2} a t^{2}   v^{2}-v_{0}^{2}=2 a s   F=m a   F=G \frac{M m}{r^{2}}
        E_{k}=\frac{1}{2} m v^{2}   W=F s \cos \theta   P=\frac{W}{t}   F=k \frac{q_{1} q_{2}}{r^{2}}   U=I R
        I=\frac{E}{R+r}   Q=c m \Delta t   p V=n R T   \frac{1}{u}+\frac{1}{v}=\frac{1}{f}
        n_{1} \sin \theta_{1}=n_{2} \sin \theta_{2}   T=2 \pi \sqrt{\frac{l}{g}}   \lambda=\frac{h}{p}   E=m c^{2}
        E=h \nu   h \nu=W_{0}+E_{k}   q v B=m \frac{v^{2}}{r}   F=B I L \sin \theta   \rho=\frac{m}{V}   p=\rho g h
        m_{1} v_{1}+m_{2} v_{2}=m_{1} v_{1}^{\prime}+m_{2} v_{2}^{\prime}   \frac{1}{R}=\frac{1}{R_{1}}+\frac{1}{R_{2}}
        \mathcal{E}=-N \frac{\Delta \Phi}{\Delta t}   \frac{U_{1}}{U_{2}}=\frac{n_{1}}{n_{2}}   \omega=\frac{2 \pi}{T}
        a=\frac{v^{2}}{r}=\omega^{2} r   g=9.8 \mathrm{~m} / \mathrm{s}^{2}
        { }_{92}^{235} \mathrm{U}+{ }_{0}^{1} \mathrm{n} \rightarrow{ }_{56}^{141} \mathrm{Ba}+{ }_{36}^{92} \
            \mathrm{Kr}+3{ }_{0}^{1} \mathrm{n}
        { }_{1}^{2} \mathrm{H}+{ }_{1}^{3} \mathrm{H} \rightarrow{ }_{2}^{4} \mathrm{He}+{ }_{0}^{1} \mathrm{n}
        x=A \sin (\omega t+\varphi_{0})   <cap>_{<digit>}=<digit> \times 10^{<digit>} <unit>
        <lo>=<digit>.<digit> <unit>   <lo>=<digit>0 <unit>   \Delta <lo>=<digit>.<digit> \times 10^{-<digit>} <unit>
        \nabla \cdot \mathbf{E}=\frac{\rho}{\varepsilon_{0}}
        \nabla \times \mathbf{E}=-\frac{\partial \mathbf{B}}{\partial t}   \nabla \cdot \mathbf{B}=0
        \oint \mathbf{E} \cdot d \mathbf{S}=\frac{Q}{\varepsilon_{0}}   \oint_{L} \vec{B} \cdot d \vec{l}=\mu_{0} I
        \vec{F}=q(\vec{E}+\vec{v} \times \vec{B})   i \hbar \frac{\partial \Psi}{\partial t}=\hat{H} \Psi
        \Delta x \Delta p \geq \frac{\hbar}{2}   E_{n}=-\frac{13.6}{n^{2}} \mathrm{eV}   [\hat{x}, \hat{p}]=i \hbar
        -\frac{\hbar^{2}}{2 m} \nabla^{2} \psi+V \psi=E \psi   \langle\psi|\hat{<cap>}|\psi\rangle
        |\psi\rangle=\alpha|0\rangle+\beta|1\rangle   \gamma=\frac{1}{\sqrt{1-\frac{v^{2}}{c^{2}}}}
        \frac{d}{d t} \frac{\partial L}{\partial \dot{q}_{i}}-\frac{\partial L}{\partial q_{i}}=0   S=k_{B} \ln \Omega
        G_{\mu \nu}+\Lambda g_{\mu \nu}=\frac{8 \pi G}{c^{4}} T_{\mu \nu}   d S=\frac{\delta Q}{T}
        \hat{a}|n\rangle=\sqrt{n}|n-1\rangle   \Box \phi=<digit>\pi \rho
        \mathcal{L}=\bar{\psi}\left(i \gamma^{\mu} \partial_{\mu}-m\right) \psi-\frac{1}{4} F_{\mu \nu} F^{\mu \nu}
        F^{\mu \nu}=\partial^{\mu} A^{\nu}-\partial^{\nu} A^{\mu}
    """)),
    "expression": (6, block(r"""
        <atom><rel><expr>   <atom><rel><expr>   <expr><rel><expr>   <expr>   <sym><rel><expr>   <atom>, <rel><expr>
        <sym><rel><sym><bin><sym>   <sym>, \ldots, <sym>   <sym>=<expr>, \quad <sym><rel><atom>   <sum> <expr>
        <sym><rel>\left\{<atom>, <atom>\right\}   <rel> <expr>
    """)),
    "analysis": (3, block(r"""
        \forall \varepsilon>0, \exists \delta>0:|x-a|<\delta \Rightarrow|f(x)-f(a)|<\varepsilon
        \lim_{<lo1> \to <digit>} \frac{<expr>}{<sym>}   f(x)=\sum_{n=0}^{\infty} \frac{f^{(n)}(a)}{n !}(x-a)^{n}
        \hat{f}(\xi)=\int_{-\infty}^{\infty} f(x) e^{-2 \pi i x \xi} d x
        \mathcal{L}\{f\}(s)=\int_{0}^{\infty} f(t) e^{-s t} d t
        \zeta(s)=\sum_{n=1}^{\infty} \frac{1}{n^{s}}=\prod_{p} \frac{1}{1-p^{-s}}
        \Gamma(z)=\int_{0}^{\infty} t^{z-1} e^{-t} d t
        \oint_{\gamma} f(z) d z=2 \pi i \sum_{k} \operatorname{Res}(f, z_{k})   \iint_{D} f(x, y) d x d y
        e^{i \pi}+1=0   \frac{\partial^{2} u}{\partial t^{2}}=c^{2} \frac{\partial^{2} u}{\partial x^{2}}
        \frac{\partial u}{\partial t}=<gk> \Delta u   \|<sym>\|_{<cap>}<rel> C\|<sym>\|_{<cap>}
        u_{t}+u u_{x}=\nu u_{x x}   \left\|<lo1>+<lo2>\right\| \leq\left\|<lo1>\right\|+\left\|<lo2>\right\|
        \sup_{<lo1> \in <cal>}|f(<lo1>)| \leq M   f: <bb>^{<lo>} \to <bb>
        <lo>_{n} \rightharpoonup <lo> \text{ in } L^{2}(\Omega)
        \int_{\Omega} \nabla u \cdot \nabla v d x=\int_{\Omega} f v d x
        \int_{\partial \Omega} \omega=\int_{\Omega} d \omega   \frac{1}{2 \pi} \int_{-\pi}^{\pi} f(x) e^{-i n x} d x
        |\langle u, v\rangle|^{2} \leq\langle u, u\rangle\langle v, v\rangle   \limsup_{n \to \infty} \sqrt[n]{|a_{n}|}
        \left.\frac{d <lo1>}{d <lo2>}\right|_{<lo2>=0}=<atom>   \nabla^{2} <gk>=0
        \frac{\partial(u, v)}{\partial(x, y)}   \operatorname{div} \operatorname{curl} \mathbf{F}=0
        \sum_{n=-\infty}^{\infty} c_{n} e^{i n x}   \overline{<cap>}=<cap>^{\circ} \cup \partial <cap>
        f \in C^{\infty}(<bb>)   \frac{d <lo1>}{d t}=<atom><bin><atom>
        \ddot{<lo1>}+2 \zeta \omega_{0} \dot{<lo1>}+\omega_{0}^{2} <lo1>=0
        x_{k+1}=x_{k}-\frac{f(x_{k})}{f^{\prime}(x_{k})}
    """)),
    "linear_algebra": (3, block(r"""
        A \mathbf{x}=\mathbf{b}   A \mathbf{v}=\lambda \mathbf{v}   \det(A-\lambda I)=0   A=U \Sigma V^{\top}
        \hat{\boldsymbol{\beta}}=(X^{\top} X)^{-1} X^{\top} \mathbf{y}
        (<cap1> <cap2>)^{\top}=<cap2>^{\top} <cap1>^{\top}   \operatorname{rank}(<cap>)=<lo>
        <bold1>=\begin{pmatrix} <lo1>_{1} \\ <lo1>_{2} \\ \vdots \\ <lo1>_{n} \end{pmatrix}
        <cap>=\begin{bmatrix} <sym> & <sym> \\ <sym> & <sym> \end{bmatrix}
        \begin{vmatrix} <lo1> & <lo2> \\ <lo3> & <lo4> \end{vmatrix}=<lo1> <lo4>-<lo2> <lo3>
        R(\theta)=\begin{pmatrix} \cos \theta & -\sin \theta \\ \sin \theta & \cos \theta \end{pmatrix}
        \sigma_{y}=\begin{pmatrix} 0 & -i \\ i & 0 \end{pmatrix}
        \left(\begin{array}{cc|c} 1 & <digit> & <digit> \\ 0 & 1 & <digit> \end{array}\right)
        V=\ker T \oplus \operatorname{im} T   \operatorname{diag}(\lambda_{1}, \ldots, \lambda_{n})
        \left\|<bold>\right\|_{2}^{2}=<bold1>^{\top} <bold1>
        <cap>=\begin{pmatrix} <cap1> & 0 \\ 0 & <cap2> \end{pmatrix}
        \operatorname{span}\{\mathbf{v}_{1}, \ldots, \mathbf{v}_{k}\}
        \begin{pmatrix} 1 & & \\ & \ddots & \\ & & 1 \end{pmatrix}
        \left(\begin{smallmatrix} <lo> & <lo> \\ <lo> & <lo> \end{smallmatrix}\right)
        \begin{Vmatrix} <sym> & <sym> \\ <sym> & <sym> \end{Vmatrix}   \begin{Bmatrix} <sym> \\ <sym> \end{Bmatrix}
        \begin{matrix} <sym> & <sym> \\ <sym> & <sym> \end{matrix}
        \mathbf{a} \times \mathbf{b}=\begin{vmatrix} \mathbf{i} & \mathbf{j} & \mathbf{k} \\ a_{1} & a_{2} & a_{3} \\ \
            b_{1} & b_{2} & b_{3} \end{vmatrix}
    """)),
    "stochastics": (3, block(r"""
        \mathbb{E}[<cap>]=<expr>   \operatorname{Var}(<cap1>)=\mathbb{E}[<cap1>^{2}]-(\mathbb{E}[<cap1>])^{2}
        \mathbb{P}(<cap1> \geq <lo1>) \leq \frac{\mathbb{E}[<cap1>]}{<lo1>}   P(A \mid B)=\frac{P(B \mid A) P(A)}{P(B)}
        f(x)=\frac{1}{\sqrt{2 \pi} \sigma} e^{-\frac{(x-\mu)^{2}}{2 \sigma^{2}}}
        \hat{<gk1>}=\arg \max_{<gk1>} \log L(<gk1>)   <cap> \sim \mathcal{N}(\mu, \sigma^{2})
        \frac{\bar{X}-\mu}{\sigma / \sqrt{n}}   \chi^{2}=\sum_{i=1}^{k} \frac{(O_{i}-E_{i})^{2}}{E_{i}}
        D_{\mathrm{KL}}(p \| q)=\sum_{i} p_{i} \log \frac{p_{i}}{q_{i}}   H(X)=-\sum_{x} p(x) \log_{2} p(x)
        p(k)=\frac{\lambda^{k} e^{-\lambda}}{k !}   \theta_{t+1}=\theta_{t}-\eta \nabla_{\theta} J(\theta_{t})
        \operatorname{softmax}(z)_{i}=\frac{e^{z_{i}}}{\sum_{j=1}^{K} e^{z_{j}}}
        \operatorname{Attention}(Q, K, V)=\operatorname{softmax}\left(\frac{Q K^{\top}}{\sqrt{d_{k}}}\right) V
        y=\sigma(W x+b)
        \mathcal{L}=-\frac{1}{N} \sum_{i=1}^{N} \left[y_{i} \log \hat{y}_{i}+(1-y_{i}) \log (1-\hat{y}_{i})\right]
        \binom{n}{k}=\binom{n-1}{k-1}+\binom{n-1}{k}   \mathbf{1}_{\{<sym><rel><sym>\}}
        \mathbb{E}_{<lo1> \sim <cal>}\left[<lo>(<lo1>)\right]
        \rho_{X Y}=\frac{\operatorname{Cov}(X, Y)}{\sigma_{X} \sigma_{Y}}
        s^{2}=\frac{1}{n-1} \sum_{i=1}^{n}(x_{i}-\bar{x})^{2}   \bar{x} \pm z_{\alpha / 2} \frac{s}{\sqrt{n}}
        X_{n} \xrightarrow{d} \mathcal{N}(0,1)   <lo>_{1}, <lo>_{2} \overset{\text{i.i.d.}}{\sim} <cal>
        t=\frac{\bar{x}-\mu_{0}}{s / \sqrt{n}}
    """)),
    "structures": (2.5, block(r"""
        <lo1> \in <cal>   <cap1> \subseteq <cap2>   <cap1> \cap <cap2>=\emptyset   <cap1> \setminus <cap2>
        |<cap1> \cup <cap2>|=|<cap1>|+|<cap2>|-|<cap1> \cap <cap2>|   \varphi: <cap1> <arrow> <cap2>
        <bb> / <digit> <bb>   <cap1> / \ker \varphi \cong \operatorname{im} \varphi   \operatorname{Hom}(<cap1>, <cap2>)
        <cap1> \otimes <cap2> \cong <cap2> \otimes <cap1>   H^{<lo>}(<cap>; \mathbb{Z})
        \pi_{1}(S^{1}) \cong \mathbb{Z}   0 \to <cap1> \xrightarrow{f} <cap2> \xrightarrow{g} <cap3> \to 0
        \mathcal{O}_{X}   \mathfrak{g}=\mathfrak{h} \oplus \bigoplus_{\alpha} \mathfrak{g}_{\alpha}
        \mathrm{SL}_{2}(\mathbb{Z})   \operatorname{Gal}(L / K)   \aleph_{0}<2^{\aleph_{0}}
        p \Rightarrow q \equiv \neg p \vee q   \forall <lo1> \in <cap> \exists <lo2>: <lo1> <rel> <lo2>
        <gk> \vdash <gk>   <cal> \models <gk>   \overline{\mathbb{Q}}   <cap>^{\perp}   <lo1> \mid <lo2>
        <lo1> \nmid <lo2>   <lo1> \equiv <lo2> \pmod{<lo>}   \lfloor <atom>\rfloor   \lceil <atom>\rceil   O(n \log n)
        T(n)=2 T\left(\frac{n}{2}\right)+O(n)   \{<lo1> \in <bb>: <lo1> <rel> <atom>\}
        <cap>=\bigsqcup_{<i>} <cap>_{<i>}   <cap1> \rtimes <cap2>   \underbrace{<lo1>+\cdots+<lo1>}_{n \text{ times}}
        \overbrace{<sym><bin><sym>}^{<sym>}   <cal>(<sym>)   <bb>^{<lo>} \ni <lo>   \overset{<sym>}{=}
        <sym> \overset{\text{def}}{=} <expr>   \underset{<lo>}{\operatorname{argmin}} <expr>
        <lo1> \prec <lo2> \preceq <lo3>   <cap1> \vartriangleleft <cap2>   <cap1> \leftrightarrow <cap2>
        <sym> <arrow> <expr>   <lo> \uparrow \infty   \boxed{<sym>=<expr>}   \{<lo1>_{n}\}_{n=1}^{\infty}
        \sqrt[<digit>]{<expr>}
    """)),
    "lines": (2.5, block(r"""
        \begin{aligned} <sym> &=<expr> \\ &=<expr> \end{aligned}
        \begin{aligned} <sym> &=<expr>, \\ <sym> &=<expr> \end{aligned}
        \begin{aligned} <atom> & \leq <expr> \\ & \leq <atom> \end{aligned}
        \begin{aligned} <sym> &=<atom> \\ &=<atom> \\ &=<atom> \end{aligned}
        \begin{aligned} & <expr>=<atom> \\ & <expr>=<atom> \end{aligned}
        \begin{gathered} <sym>=<expr> \\ <sym>=<atom> \end{gathered}
        <sym>=\begin{cases} <atom>, & \text{if } <sym> <rel> <sym> \\ <atom>, & \text{otherwise} \end{cases}
        \begin{cases} \dot{<lo1>}=<atom><bin><atom> \\ \dot{<lo2>}=<atom><bin><atom> \end{cases}
        \left\{\begin{array}{l} <sym>=<expr> \\ <sym>=<atom> \end{array}\right.
        \begin{aligned} \min_{<lo1>} \quad & <atom><bin><atom> \\ \text{s.t.} \quad & <sym> \leq <sym> \end{aligned}
        \begin{array}{c|c} <sym> & <sym> \\ \hline <digit> & <digit> \end{array}
        \begin{array}{rcl} <sym> &=& <atom> \\ <sym> &=& <atom> \end{array}
    """)),
}
