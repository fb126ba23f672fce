r"""Pages of LaTeX documents that exist already, each formula in its colour: what people write, not what was made up.

LuaLaTeX sets them. Colours are attributes of the letters there (package luacolor), so that none of them moves, and what
stands in a displayed formula belongs to it: cells of an alignment, words, tags apart.

A document is a program, and Lua in it may read and write files: only documents that can be trusted should be set.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from img2latex.data import colours, render
from img2latex.picture import pdf

MOST = 4  # pages of a document by default
_FIRST = 40  # pages of a document that are looked at
_DPI = (100, 110, 120, 130, 150)
_ERRORS = 3  # for each page that is wanted, at most: with more, fonts or packages are missing
_PLAIN = "plain"  # what looks like text
_LOW = 2.5  # pt: leaders and lines to write on are as low as this, and no formulas
_HIGH = 50  # pt: what is higher and not displayed is a table or a drawing that some package sets between dollar signs
_WORK = 50  # a page that is wanted counts as so many formulas where the time that LaTeX may take is reckoned
# `\everymath` comes in cells of alignments, arrays and words too: what has a number already keeps it. A `tabular`
# begins with a `$` of its own.
_MARKS = r"""\AddToHook{begindocument/before}{\RequirePackage{color,luacolor}}
\AddToHook{begindocument/end}{
\newcount\kept@number \kept@number=-1 \newattribute\kept@in \newwrite\kept@kinds \immediate\openout\kept@kinds=kinds.txt
\def\kept@new#1{\global\advance\kept@number1 \setattribute\kept@in\kept@number
  \immediate\write\kept@kinds{#1}\edef\kept@colour{\directlua{kept_colour(\the\kept@number)}}%
  \expandafter\kept@paint\expandafter{\kept@colour}}
\def\kept@paint#1{\ifdefined\plain@pages\else\color[RGB]{#1}\fi}
\newif\ifkept@table \let\kept@tabular\@tabular \def\@tabular{\kept@tabletrue\kept@tabular}
\everymath\expandafter{\the\everymath\ifkept@table\kept@tablefalse\else\ifnum\kept@in<\z@\kept@new{inline}\fi\fi}
\everydisplay\expandafter{\the\everydisplay\kept@new{displayed}}
\def\kept@tag#1{\ifnum\kept@in<\z@#1\else{\kept@new{number}#1}\fi}
\ifx\maketag@@@\@undefined\else\let\kept@maketag\maketag@@@\def\maketag@@@#1{\kept@maketag{\kept@tag{#1}}}\fi
\let\kept@eqnnum\@eqnnum\def\@eqnnum{{\let\normalcolor\relax\kept@new{number}\kept@eqnnum}}
\def\kept@bullet#1{\expandafter\let\csname kept@#1\expandafter\endcsname\csname#1\endcsname
  \expandafter\def\csname#1\endcsname{{\setattribute\kept@in\z@\csname kept@#1\endcsname}}}
\kept@bullet{labelitemi}\kept@bullet{labelitemii}\kept@bullet{labelitemiii}
}
\AddToHook{enddocument/end}{\directlua{kept_end()}}"""
# What is in dollar signs and looks like text: numbers, words in upright letters (`\url` sets addresses so), boxes
# with text, tables and drawings, what is raised behind a word, an exponent of a unit or the sign of a note, and a sign
# alone: triangles of lists, backslashes, dots between keywords, arrows between menus.
_LUA = r"""
local inside = {}
local MATH_CHAR, SUB_MLIST, SUB_BOX = node.id("math_char"), node.id("sub_mlist"), node.id("sub_box")
local NOAD = node.id("noad")
local STRUCTURES = {fraction = true, radical = true, accent = true, fence = true, choice = true}
local function is_letter(char) return (char > 64 and char < 91) or (char > 96 and char < 123) end
-- Ranges of what a sign alone is not, in Unicode and in the three fonts of TeX's own: letters, Greek, infinity, empty
-- set.
local NAMES = {{0x370, 0x3FF}, {0x2100, 0x214F}, {0x2202, 0x2202}, {0x2205, 0x2207}, {0x221E, 0x221E},
               {0x1D400, 0x1D7FF}}
local OLD = {[0] = {{0, 10}, {65, 90}, {97, 122}}, {{0, 39}, {64, 90}, {96, 125}},
             {{49, 49}, {59, 61}, {64, 90}, {114, 114}}}
local function is_sign(char, family)
  if family > 2 and char < 128 then return false end  -- other fonts have letters in any place
  for _, range in ipairs(char > 127 and NAMES or OLD[family]) do
    if char >= range[1] and char <= range[2] then return false end
  end
  return true
end
local function is_text(head)
  local words, signs, count, last = false, false, 0, nil
  for n in node.traverse(head) do
    if STRUCTURES[node.type(n.id)] then return false end
    local nucleus = n.id == NOAD and n.nucleus
    if n.id == NOAD and n.sub then return false end
    if nucleus and not (nucleus.id == SUB_MLIST and not nucleus.head) then
      if n.sup or (nucleus.id ~= MATH_CHAR and nucleus.id ~= SUB_BOX) then return false end
      local boxed, char, family = nucleus.id == SUB_BOX, nucleus.char or 0, nucleus.fam or 0
      count, last = count + 1, nucleus
      local digit = (family == 0 and char > 47 and char < 58) or char == 46
      digit = digit or (family == 1 and (char == 58 or char == 59))  -- full stop and comma
      words = words or boxed or (family == 0 and is_letter(char))
      if family > 0 and is_letter(char) and not is_sign(char, family) then return false end
      signs = signs or not digit
    end
  end
  return words or not signs or (count == 1 and is_sign(last.char, last.fam))
end
luatexbase.add_to_callback("pre_mlist_to_hlist_filter", function(head)
  local attribute = luatexbase.registernumber("kept@in")
  local number = attribute and head and node.get_attribute(head, attribute)
  if number and number >= 0 then
    inside[number] = inside[number] ~= false and is_text(head)
  end
  return true
end, "kept")
function kept_colour(number) tex.sprint(COLOURS[number % #COLOURS + 1]) end
function kept_end()
  local file = io.open("plain.txt", "w")
  for number, plain in pairs(inside) do if plain then file:write(number, "\n") end end
  file:close()
end
"""


def draw(path: Path, rng: np.random.Generator, most: int = MOST) -> Iterator[tuple[np.ndarray, list]]:
    """Pages of a document, evenly spaced, among those that have formulas; none if LuaLaTeX fails.

    Yields:
        The picture of each (0 ink), and its formulas, (box, kind, "") each.
    """
    try:
        made = list(_pages(path, float(rng.choice(_DPI)), most))
    except (OSError, pdf.PdfError):  # no PDF, or half of one: LuaLaTeX may run out of time
        return
    yield from (made[round(k)] for k in np.linspace(0, len(made) - 1, min(most, len(made))))


def _pages(path: Path, dpi: float, most: int) -> Iterator[tuple[np.ndarray, list]]:
    with tempfile.TemporaryDirectory() as folder:
        plain, painted, kinds = _set(path, Path(folder), most)
    passed, low, high = 0, *(side * dpi / pdf.POINTS for side in (_LOW, _HIGH))
    for number in range(1, min(pdf.page_count(painted), _FIRST) + 1):
        grey, ink = _ink(pdf.draw_page(plain, number, dpi=dpi), pdf.draw_page(painted, number, dpi=dpi))
        found, passed = colours.placed(ink, kinds, passed, 10 * dpi / pdf.POINTS)
        formulas = [(box, kinds[which], "") for box, which in found
                    if kinds[which] != _PLAIN and (kinds[which] != "inline" or box[3] - box[1] > low)]  # fmt: skip
        if formulas and all(kind != "inline" or box[3] - box[1] <= high for box, kind, _ in formulas):
            yield grey, formulas


def _set(path: Path, folder: Path, most: int) -> tuple[bytes, bytes, list[str]]:
    """A document as PDF, in its own colours and with its formulas painted, and what each formula is.

    Raises:
        OSError: LuaLaTeX makes no PDF of it, or takes too long.
    """
    made = []
    told = ",".join(f"'{red},{green},{blue}'" for red, green, blue in map(colours.colour, range(colours.COUNT)))
    (folder / "kept.lua").write_text(f"local COLOURS = {{{told}}}\n{_LUA}")
    for head in (_MARKS, r"\let\plain@pages\relax" + _MARKS, _MARKS):  # the first for the references of the others
        main = rf"\directlua{{dofile('kept.lua')}}\makeatletter{head}\makeatother\input{{{path.name}}}"
        (folder / "kept.tex").write_text(main, encoding="utf-8")
        command = ["lualatex", "-interaction=nonstopmode", "-no-shell-escape", "kept.tex"]
        if not render.run(command, folder, _WORK * most, inputs=path.parent):
            raise OSError("it takes too long")
        made.append((folder / "kept.pdf").read_bytes())
    kinds = (folder / "kinds.txt").read_text().split()
    if (folder / "kept.log").read_text(encoding="utf-8", errors="replace").count("\n! ") > _ERRORS * most:
        raise OSError("too much of it is missing")
    plain = set((folder / "plain.txt").read_text().split())
    kinds = [_PLAIN if kind != "number" and str(n) in plain else kind for n, kind in enumerate(kinds)]
    return *made[1:], kinds


def _ink(plain: Image.Image, painted: Image.Image) -> tuple[np.ndarray, dict[int, np.ndarray]]:
    """A page in grey, and its ink by numbers of formulas (see `colours.separate`), colours of its own left out."""
    if plain.size != painted.size:
        raise OSError("not the same page")
    own = (np.asarray(plain) == np.asarray(painted)).all(axis=2)
    return np.asarray(plain.convert("L")), colours.separate(np.where(own[..., None], np.uint8(255), painted))[1]
