// The pad keeps up: a drawing is read when the pen (or an undo) has rested and Gradio has the strokes; the last answer is
// greyed until the new one is there. The pad opens with no tool and loses it when cleared, and strokes without a tool are
// lost: keep one chosen. Gradio's buttons are found by their place: their names are translated.
(() => {
  const REST = 300, SILENCE = 2000;  // ms: of the pen before a reading; without news until a stroke has changed nothing
  let timer, lifted, touched, used, unread, asking, cleared;
  const find = selector => document.querySelector(selector);
  setInterval(() => {
    if (!find("#pad .toolbar-wrap .highlight")) find("#pad .toolbar-wrap button")?.click();
  }, 250);
  const grey = on => find("#result")?.classList.toggle("stale", Boolean(on));
  const stop = () => { clearTimeout(timer); timer = null; };
  const after = (ms, act) => {
    stop();
    timer = setTimeout(() => { timer = null; act(); }, ms);
  };
  const read = () => {
    unread = false;
    asking = true;
    find("#read-drawing").click();
  };
  // What was being read when the pad was cleared is answered on an empty sheet: then the empty one is read.
  const forget = () => setTimeout(() => {
    const told = [...document.querySelectorAll("#result .verdict:not(.waiting)")].some(each => each.offsetParent);
    if (cleared && told) read();
  }, 100);
  // Gradio takes a while to have a stroke, on a busy machine long: before that, the drawing before would be read.
  const drawn = () => {
    grey(true);
    used = true;
    lifted = Date.now();
    after(SILENCE, () => unread ? read() : grey(asking));  // beside the sheet a stroke changes nothing
  };
  img2latex.strokesKept = () => {
    unread = used;
    if (used && !touched) after(Math.max(0, lifted + REST - Date.now()), read);
  };
  img2latex.drawingRead = () => {  // the server has answered
    asking = false;
    if (!touched && !timer) grey(false);
    if (cleared) forget();
  };
  addEventListener("pointerdown", event => {
    touched = event.target.closest("#pad canvas, #pad .top-panel");
    if (!touched) return;
    stop();
    if (event.target.closest("canvas")) {
      grey(true);
      cleared = false;
    }
  }, true);
  addEventListener("click", event => {
    const button = event.target.closest("#pad .top-panel button");
    if (button) cleared = button === [...document.querySelectorAll("#pad .top-panel button")].at(-1);
  }, true);
  addEventListener("pointerup", () => {
    if (touched) drawn();
    touched = null;
  }, true);
  // Over the canvas the page scrolls as elsewhere: Gradio would zoom it.
  addEventListener("wheel", event => { if (event.target.closest?.("#pad canvas")) event.stopPropagation(); }, true);
  img2latex.pen = width => {  // px; Gradio has a slider for it, which comes and goes with a button
    find("#pad .toolbar-wrap button").click();  // the brush: the slider is that of the tool
    find("#pad .right button:last-of-type").click();
    const slide = tries => {
      const slider = find("#pad input[type=range]");
      if (!slider) return tries && setTimeout(slide, 50, tries - 1);  // a busy browser takes its time
      slider.value = width;
      slider.dispatchEvent(new Event("input", {bubbles: true}));
      slider.dispatchEvent(new Event("change", {bubbles: true}));
      find("#pad .right button:last-of-type").click();
    };
    setTimeout(slide, 50, 60);
  };
  const shown = () => find("#pad")?.offsetParent;
  const press = place => {  // undo and redo are the last but one and two of the buttons above
    const button = [...document.querySelectorAll("#pad .top-panel button")].at(place);
    if (!shown() || !button || button.disabled) return false;
    button.click();
    drawn();
    return true;
  };
  img2latex.undoStroke = () => press(-3);
  img2latex.redoStroke = () => press(-2);

  // A picture to trace lies over the sheet, pale, and lets the pen through. It stays in the browser.
  const AROUND = 30, SHEET = [600, 400];  // px: Gradio's margin around the sheet, and the sheet (pad.py)
  const traced = Object.assign(new Image(), {id: "traced", alt: "The picture to write on"});
  const place = () => {
    const board = find("#pad canvas")?.parentElement;
    if (!board || !traced.src) return;
    if (traced.parentElement !== board) board.append(traced);
    const room = [board.clientWidth, board.clientHeight];
    const scale = Math.min(...room.map((side, axis) => (side - 2 * AROUND) / SHEET[axis]));
    const [width, height] = SHEET.map(side => side * scale);
    const style = {width, height, left: (room[0] - width) / 2, top: (room[1] - height) / 2};
    for (const [name, value] of Object.entries(style)) traced.style[name] = `${value}px`;
  };
  setInterval(place, 250);  // the pad is laid out anew when the window changes
  const trace = file => {
    URL.revokeObjectURL(traced.src);
    if (file) traced.src = URL.createObjectURL(file);
    else { traced.remove(); traced.removeAttribute("src"); }
    document.querySelectorAll("#tracing :not(:first-child)").forEach(each => { each.hidden = !file; });
    place();
  };
  document.addEventListener("click", event => {
    const button = event.target.closest("[data-trace]");
    if (!button) return;
    if (!button.dataset.trace) return trace(null);
    const chooser = Object.assign(document.createElement("input"), {type: "file", accept: "image/*"});
    chooser.onchange = () => trace(chooser.files[0]);
    chooser.click();
  });
})();
