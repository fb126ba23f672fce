// The check view: the ink of the formula is made as wide as the ink of the crop, and begins where it begins, so that a
// mistake is seen at a glance. Switches lay one over the other, and enlarge both. Sizes change at any time (typing, another
// theme, a turned phone), hence the clock.
(() => {
  const HIGHER = 2;  // times the crop's ink, or lower, at most: what was misread or edited may be narrower or wider
  const pen = document.createElement("canvas").getContext("2d");
  const range = document.createRange();

  // The black pixels of rendered KaTeX, in px of the window: its boxes have white around them.
  const inked = formula => {
    const ink = {left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity};
    const add = (left, top, right, bottom) => {
      if (right <= left || bottom <= top) return;
      ink.left = Math.min(ink.left, left); ink.right = Math.max(ink.right, right);
      ink.top = Math.min(ink.top, top); ink.bottom = Math.max(ink.bottom, bottom);
    };
    const texts = document.createTreeWalker(formula, NodeFilter.SHOW_TEXT);
    for (let text; (text = texts.nextNode());) {
      if (!/[^\s\u200b\u00a0]/.test(text.data) || text.parentElement.closest("svg")) continue;
      range.selectNodeContents(text);
      const box = range.getBoundingClientRect(), style = getComputedStyle(text.parentElement);
      pen.font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
      const size = pen.measureText(text.data), base = box.top + size.fontBoundingBoxAscent;
      add(box.left - size.actualBoundingBoxLeft, base - size.actualBoundingBoxAscent,
        box.left + size.actualBoundingBoxRight, base + size.actualBoundingBoxDescent);
    }
    for (const line of formula.querySelectorAll(".frac-line, .overline-line, .underline-line, .hline, .rule, .vertical-separator")) {
      const box = line.getBoundingClientRect();
      add(box.left, box.top, box.right, box.bottom);
    }
    for (const shape of formula.querySelectorAll("svg > *")) {  // roots, braces, arrows: cut to what holds them
      const box = shape.getBoundingClientRect(), held = shape.ownerSVGElement.parentElement.getBoundingClientRect();
      add(Math.max(box.left, held.left), Math.max(box.top, held.top),
        Math.min(box.right, held.right), Math.min(box.bottom, held.bottom));
    }
    return ink;
  };

  const inkOfCrop = crop => {
    const image = crop.querySelector("img"), box = image.getBoundingClientRect(), scale = box.width / image.naturalWidth;
    const [left, top, right, bottom] = crop.dataset.ink.split(" ").map(side => side * scale);
    return {left: box.left + left, top: box.top + top, right: box.left + right, bottom: box.top + bottom};
  };

  const fitted = new WeakMap();  // formula -> what it was fitted to
  const fit = view => {
    const crop = view.querySelector(".crop"), formula = view.querySelector(".katex-display .katex");
    const image = crop?.querySelector("img");
    if (!image?.clientWidth || !image.naturalWidth || !formula) return;
    const place = formula.parentElement, now = () => [
      image.clientWidth, image.src.length, crop.dataset.ink, view.className, formula.textContent,
      formula.style.fontSize, formula.offsetWidth,
    ].join("|");
    if (fitted.get(formula) === now()) return;
    place.style.transform = "";
    const wanted = inkOfCrop(crop), width = wanted.right - wanted.left, height = wanted.bottom - wanted.top;
    for (let round = 0; round < 3; round++) {  // hinting and rounding: not quite proportional
      const found = inked(formula.querySelector(".katex-html"));
      const tall = height / (found.bottom - found.top);
      const factor = Math.min(Math.max(width / (found.right - found.left), tall / HIGHER), tall * HIGHER);
      if (!Number.isFinite(factor) || Math.abs(factor - 1) < 0.002) break;
      formula.style.fontSize = `${parseFloat(getComputedStyle(formula).fontSize) * factor}px`;
    }
    const found = inked(formula.querySelector(".katex-html"));
    const down = (wanted.top + wanted.bottom - found.top - found.bottom) / 2;
    place.style.transform = `translate(${wanted.left - found.left}px, ${view.classList.contains("over") ? down : 0}px)`;
    fitted.set(formula, now());
  };
  img2latex.inked = inked;  // for tests
  setInterval(() => document.querySelectorAll(".proof").forEach(fit), 150);
  document.fonts.addEventListener("loadingdone", () => document.querySelectorAll(".proof .katex-display .katex").forEach(each => fitted.delete(each)));

  addEventListener("click", event => {
    const button = event.target.closest?.("[data-switch]");
    if (!button) return;
    const on = button.closest(".proof").classList.toggle(button.dataset.switch);
    button.setAttribute("aria-pressed", on);
  });
})();
