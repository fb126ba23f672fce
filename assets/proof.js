// The check view: the formula is set as high as the crop above it, so that a mistake is seen at a glance.
// Both change size at any time (typing, another theme, a turned phone), hence the clock.
(() => {
  const PAPER = 4;  // px of the crop above and below its ink, before it is enlarged
  const LETTERS = 52;  // px of the font at most, times how far the crop is enlarged: a misread formula may be flat
  const fit = view => {
    const crop = view.querySelector(".crop img"), formula = view.querySelector(".katex");
    if (!crop?.clientHeight || !formula) return;
    const scale = crop.clientWidth / crop.naturalWidth, size = parseFloat(getComputedStyle(formula).fontSize);
    const lines = [...formula.querySelectorAll(".katex-html > .base > .strut")];  // as high as TeX's boxes
    const height = Math.max(...lines.map(line => line.getBoundingClientRect().height));
    const wanted = Math.min(size * scale * (crop.naturalHeight - PAPER) / height, LETTERS * scale);
    if (Math.abs(wanted - size) > 0.1 && height > 0) formula.style.fontSize = `${wanted}px`;
  };
  setInterval(() => document.querySelectorAll(".proof").forEach(fit), 200);
})();
