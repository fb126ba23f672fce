"""How a LaTeX document begins that may hold any formula that was read."""

# Commands of no common package are put together from what looks like them.
PREAMBLE = r"""\documentclass{article}
\usepackage{amsmath,amssymb,mathtools,mathrsfs,cancel,extarrows}
\setcounter{MaxMatrixCols}{40}
\providecommand\oiint{\oint\mkern-16mu\oint}
\providecommand\oiiint{\oint\mkern-16mu\oint\mkern-16mu\oint}
\providecommand\widecheck[1]{\check{#1}}
\providecommand\overparen[1]{\overset{\frown}{#1}}
\providecommand\overgroup[1]{\overparen{#1}}
\providecommand\undergroup[1]{\underset{\smile}{#1}}
\providecommand\overlinesegment[1]{\overline{#1}}
\providecommand\underlinesegment[1]{\underline{#1}}
\providecommand\Overrightarrow[1]{\overset{\Rightarrow}{#1}}
\providecommand\overleftharpoon[1]{\overset{\leftharpoonup}{#1}}
\providecommand\overrightharpoon[1]{\overset{\rightharpoonup}{#1}}
\providecommand\xrightleftarrows[2][]{\underset{#1}{\overset{#2}{\rightleftarrows}}}
\providecommand\xtofrom[2][]{\xrightleftarrows[#1]{#2}}
\providecommand\xtwoheadrightarrow[2][]{\underset{#1}{\overset{#2}{\twoheadrightarrow}}}
\providecommand\xtwoheadleftarrow[2][]{\underset{#1}{\overset{#2}{\twoheadleftarrow}}}"""
