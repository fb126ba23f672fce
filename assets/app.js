// The pad opens with no tool and loses it when cleared, and strokes without a tool are lost: keep one chosen.
// A drawing is read a second after the pen (or an undo) came to rest; a new stroke starts the wait again.
// Ctrl-V works anywhere on the page, not only where the upload box has the focus.
// Gradio's buttons are found by their place: their names are translated.
(() => {
  let rest, touched;
  const find = selector => document.querySelector(selector);
  setInterval(() => {
    if (!find("#pad .toolbar-wrap .highlight")) find("#pad .toolbar-wrap button")?.click();
  }, 250);
  addEventListener("pointerdown", event => {
    touched = event.target.closest("#pad");
    if (touched) clearTimeout(rest);
  }, true);
  addEventListener("pointerup", () => {
    if (touched) rest = setTimeout(() => find("#read-drawing").click(), 1000);
    touched = null;
  }, true);
  addEventListener("paste", event => {
    const files = [...event.clipboardData.files].filter(file => file.type.startsWith("image/"));
    if (!files.length) return;
    event.preventDefault();
    find("[role=tab]").click();
    find("#input [role=tab]").click();
    find("#picture .top-panel button")?.click();  // takes the old picture away: only then is there a box for the new
    const chosen = new DataTransfer();
    chosen.items.add(files[0]);
    const started = Date.now();
    const put = setInterval(() => {
      const box = find("#picture input[type=file]");
      if (box || Date.now() - started > 3000) clearInterval(put);
      if (!box) return;
      box.files = chosen.files;
      box.dispatchEvent(new Event("change", {bubbles: true}));
    }, 50);
  });
})();
