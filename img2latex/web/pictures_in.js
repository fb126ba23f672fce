// A picture is taken wherever it is pasted or dropped on the page, not only in the upload box; a PDF that is dropped goes
// to the tab for pages, and so does a picture while that is open. Gradio's buttons are found by their place: their names are translated.
(() => {
  const find = selector => document.querySelector(selector);
  const put = (files, selector) => {  // into the upload box, as soon as there is one
    const chosen = new DataTransfer();
    for (const file of files) chosen.items.add(file);
    const started = Date.now();
    const trying = setInterval(() => {
      const box = find(`${selector} input[type=file]`);
      if (box || Date.now() - started > 3000) clearInterval(trying);
      if (!box) return;
      box.files = chosen.files;
      box.dispatchEvent(new Event("change", {bubbles: true}));
    }, 50);
  };
  const tab = (selector, place = 0) => document.querySelectorAll(selector)[place]?.click();
  img2latex.take = file => {
    tab("[role=tab]");
    tab("#input [role=tab]");
    find("#picture .top-panel button")?.click();  // removes the old picture: only then is there a box for the new one
    put([file], "#picture");
  };
  const takePage = file => {
    tab("[role=tab]", 1);
    find("#page-file [aria-label=Clear]")?.click();
    put([file], "#page-file");
  };
  const takeHere = file => find("#page-file")?.offsetParent ? takePage(file) : img2latex.take(file);
  const isPicture = file => file.type.startsWith("image/");
  addEventListener("paste", event => {
    const picture = [...event.clipboardData.files].find(isPicture);
    if (!picture) return;
    event.preventDefault();
    takeHere(picture);
  });

  // Other upload boxes (a page, many pictures) take files dropped on them.
  const elsewhere = event => {
    const block = event.target.closest?.(".block");
    return block && !block.closest("#picture") && block.querySelector("input[type=file]");
  };
  const hasFiles = event => event.dataTransfer?.types.includes("Files");
  let leaving;
  addEventListener("dragover", event => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    document.body.classList.add("dragged-over");
    clearTimeout(leaving);
    leaving = setTimeout(() => document.body.classList.remove("dragged-over"), 300);
  });
  addEventListener("drop", event => {
    if (!hasFiles(event) || elsewhere(event)) return;
    event.preventDefault();
    event.stopPropagation();
    const [file] = event.dataTransfer.files;
    if (file.type === "application/pdf") takePage(file);
    else takeHere(file);  // for a file that is no picture the server has a message
  }, true);
})();
