r"""Thirty formulas of many lengths as pictures: what the benchmarks read unless they are given other pictures.

    python -m benchmarks.formulas FOLDER    # makes images/ and labels.tsv there, as `img2latex.evaluate --pairs` takes
"""

import argparse
import sys
from pathlib import Path

from PIL import Image, ImageOps

from img2latex.data.render import Look, RenderError, render

FORMULAS = (
    # about 10 tokens
    r"x^2+y^2=1",
    r"\frac{a}{b}=c",
    r"2\pi r+x",
    r"\sqrt{x+1}=3",
    r"a_1+a_2+b",
    r"f(x)=3x-5",
    # about 20
    r"\int_0^1 x^2\,dx=\frac13",
    r"\sin^2\theta+\cos^2\theta=1+0",
    r"\lim_{x\to 0}\frac{\sin x}{x}=1",
    r"y-y_0=m(x-x_0)+b",
    r"\frac{1}{x+1}-\frac{1}{x-1}",
    r"P(A|B)=\frac{P(AB)}{P(B)}",
    # about 40
    r"x=\frac{-b\pm\sqrt{b^2-4ac}}{2a},\quad a\neq 0,\ b\geq 1",
    r"\sum_{k=1}^{n}k^2=\frac{n(n+1)(2n+1)}{6}+c_0",
    r"\int_{0}^{\infty}e^{-x^2}\,dx=\frac{\sqrt{\pi}}{2}+\alpha\beta",
    r"(a+b)^3=a^3+3a^2b+3ab^2+b^3+c^3",
    r"\left|\frac{x_1-x_2}{y_1-y_2}\right|\leq\frac{\sqrt{a^2+b^2}}{2c}",
    r"\log_2(x+1)-\log_2(x-1)=3\log_2 y+\frac{1}{4}",
    # about 70
    r"\begin{pmatrix}a_1&b_1&c_1\\a_2&b_2&c_2\\a_3&b_3&c_3\end{pmatrix}\begin{pmatrix}x\\y\\z\end{pmatrix}=0",
    r"f(x)=f(a)+f'(a)(x-a)+\frac{f''(a)}{2}(x-a)^2+\frac{f'''(a)}{6}(x-a)^3",
    r"\sqrt{(x_2-x_1)^2+(y_2-y_1)^2+(z_2-z_1)^2}=\frac{\sqrt{3}}{2}+\frac{\sqrt{5}}{4}",
    r"\frac{\partial u}{\partial t}+u\frac{\partial u}{\partial x}=\nu\frac{\partial^2u}{\partial x^2}+\frac{1}{2}g(x)",
    r"\sum_{i=1}^{n}\sum_{j=1}^{n}a_{ij}x_ix_j=\sum_{i=1}^{n}\lambda_iy_i^2+\sum_{i=1}^{n}b_ix_i",
    r"P(X=k)=\frac{n!}{k!(n-k)!}p^k(1-p)^{n-k}=\frac{\lambda^k}{k!}e^{-\lambda}+\epsilon_{n}",
    # about 100 and more
    r"(1+x)^{n}=1+nx+\frac{n(n-1)}{2}x^2+\frac{n(n-1)(n-2)}{6}x^3+\frac{n(n-1)(n-2)(n-3)}{24}x^4+\frac{n(n-1)}{120}x^5",
    r"\frac{a_0}{2}+a_1\cos x+b_1\sin x+a_2\cos 2x+b_2\sin 2x+a_3\cos 3x+b_3\sin 3x+a_4\cos 4x+b_4\sin 4x"
    r"+a_5\cos 5x+b_5\sin 5x+a_6\cos 6x",
    r"\frac{x_1+x_2+x_3+x_4}{4}\geq\sqrt[4]{x_1x_2x_3x_4}\geq\frac{4}{\frac{1}{x_1}+\frac{1}{x_2}+\frac{1}{x_3}"
    r"+\frac{1}{x_4}}+\frac{y_1+y_2}{2}",
    r"\int_0^{2\pi}\int_0^{\pi}\int_0^{R}r^2\sin\theta\,dr\,d\theta\,d\phi=\frac{4}{3}\pi R^3,\quad"
    r"\int_0^{2\pi}\int_0^{R}r\,dr\,d\phi=\pi R^2,\quad\int_0^{R}dr=R+0",
    r"\frac{1}{(x-1)(x-2)(x-3)}=\frac{A}{x-1}+\frac{B}{x-2}+\frac{C}{x-3}=\frac{1}{2(x-1)}-\frac{1}{x-2}"
    r"+\frac{1}{2(x-3)}+\frac{0}{x}",
    r"e^{x}=1+x+\frac{x^2}{2}+\frac{x^3}{6}+\frac{x^4}{24}+\frac{x^5}{120}+\frac{x^6}{720}+\frac{x^7}{5040}"
    r"+\frac{x^8}{40320}+\frac{x^9}{362880}",
)


def draw(folder: Path, dpi: int = 150) -> None:
    """Writes a picture of each formula, Computer Modern at 10 points, and the list of their labels.

    Raises:
        RenderError: LaTeX or dvipng is not installed, or does not come to an end.
    """
    drawn = render(FORMULAS, Look(dpi=dpi))
    if any(ink is None for ink in drawn):
        raise RenderError("LaTeX did not draw all formulas in the time it is given: try again when the machine is free")
    (folder / "images").mkdir(parents=True, exist_ok=True)
    names = [f"{number:02d}.png" for number in range(len(FORMULAS))]
    for name, ink in zip(names, drawn, strict=True):
        ImageOps.expand(Image.fromarray(ink), 12, 255).save(folder / "images" / name)
    lines = [f"{name}\t{latex}\n" for name, latex in zip(names, FORMULAS, strict=True)]
    (folder / "labels.tsv").write_text("".join(lines), encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.formulas", description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--dpi", type=int, default=150)
    options = parser.parse_args()
    try:
        draw(options.folder, options.dpi)
    except (RenderError, OSError) as error:
        print(f"formulas: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
