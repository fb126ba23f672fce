// The pad keeps up: a drawing is read when the pen (or an undo) has rested, and the last answer is greyed until the new one
// is there. The pad opens with no tool and loses it when cleared, and strokes without a tool are lost: keep one chosen.
// Gradio's buttons are found by their place: their names are translated.
(() => {
  const REST = 300;  // ms
  let rest, touched;
  const find = selector => document.querySelector(selector);
  setInterval(() => {
    if (!find("#pad .toolbar-wrap .highlight")) find("#pad .toolbar-wrap button")?.click();
  }, 250);
  const read = () => {
    clearTimeout(rest);
    grey(true);
    rest = setTimeout(() => {
      img2latex.drawn = true;  // the next answer is about the drawing (history.js)
      find("#read-drawing").click();
    }, REST);
  };
  const grey = on => find("#result")?.classList.toggle("stale", on);
  addEventListener("pointerdown", event => {
    touched = event.target.closest("#pad");
    if (!touched) return;
    clearTimeout(rest);
    if (event.target.closest("canvas")) grey(true);
  }, true);
  addEventListener("pointerup", () => {
    if (touched) read();
    touched = null;
  }, true);
  document.addEventListener("img2latex:answer", () => grey(false));
  img2latex.pen = width => {  // px; Gradio has a slider for it, which comes and goes with a button
    find("#pad .toolbar-wrap button").click();  // the brush: the slider is that of the tool
    find("#pad .right button:last-of-type").click();
    setTimeout(() => {
      const slider = find("#pad input[type=range]");
      slider.value = width;
      slider.dispatchEvent(new Event("input", {bubbles: true}));
      slider.dispatchEvent(new Event("change", {bubbles: true}));
      find("#pad .right button:last-of-type").click();
    }, 50);
  };
  const shown = () => find("#pad")?.offsetParent;
  const press = place => {  // undo and redo are the last but one and two of the buttons above
    const button = [...document.querySelectorAll("#pad .top-panel button")].at(place);
    if (!shown() || !button || button.disabled) return false;
    button.click();
    read();
    return true;
  };
  img2latex.undoStroke = () => press(-3);
  img2latex.redoStroke = () => press(-2);
})();
