// The last readings, newest first, with their pictures, in this browser's IndexedDB alone: the server keeps none.
// A picture (or a drawing that goes on) has one entry, which follows edits and chosen alternatives of its LaTeX.
(() => {
  const MOST = 100, LARGEST = 1600, HEAVIEST = 1e6;  // entries; px of a kept picture's longer side; bytes
  const NONE = "Nothing read yet. What you read is kept here, in this browser only.";
  const NOT_HERE = "This browser keeps no history for this page (a private window, or no room left).";
  const find = selector => document.querySelector(selector);
  const done = request => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  let opened, trouble = "";
  const store = async mode => {
    opened ??= new Promise((resolve, reject) => {
      const request = indexedDB.open("img2latex", 1);
      request.onupgradeneeded = () => request.result.createObjectStore("readings", {keyPath: "key"});
      done(request).then(resolve, reject);
    });
    return (await opened).transaction("readings", mode).objectStore("readings");
  };
  const all = async () => (await done((await store("readonly")).getAll())).sort((one, other) => other.time - one.time);

  // Keeping ---------------------------------------------------------------------------------------------------------

  let current, restoring, drawing = Date.now();  // current: {key, of} of the entry that the page shows
  let queue = Promise.resolve();  // one change after the other
  const change = act => queue = queue.then(act).catch(() => { trouble = NOT_HERE; }).then(show);

  const pictureAt = async address => {
    const blob = await (await fetch(address)).blob();
    if (blob.size <= HEAVIEST) return blob;
    const image = await createImageBitmap(blob).catch(() => null);
    if (!image) return blob;
    const scale = Math.min(1, LARGEST / Math.max(image.width, image.height));
    const canvas = new OffscreenCanvas(image.width * scale, image.height * scale);
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    return canvas.convertToBlob({type: "image/webp", quality: 0.9});
  };

  const keep = async (key, facts, thumbnail) => {
    const picture = await pictureAt(facts.picture);
    const old = await done((await store("readonly")).get(key));
    const {latex, checkpoint} = facts, confidence = Number(facts.confidence);
    const entry = {key, latex, checkpoint, confidence, picture, thumbnail, time: Date.now(), star: old?.star || false};
    await done((await store("readwrite")).put(entry));
    const rest = (await all()).slice(MOST), unstarred = (await all()).filter(each => !each.star).reverse();
    const gone = rest.map((each, number) => unstarred[number] || each);  // the oldest, those with a star last
    for (const each of gone) await done((await store("readwrite")).delete(each.key));
  };
  const update = async (key, values) => {
    const entry = await done((await store("readonly")).get(key));
    if (entry) await done((await store("readwrite")).put({...entry, ...values}));
  };

  document.addEventListener("img2latex:answer", ({detail: {panel, facts}}) => {
    if (panel.offsetParent && !facts) {
      if (panel.querySelector(".waiting")) drawing = Date.now();  // cleared
      else restoring = null;  // not read
    }
    if (!facts) return;
    if (restoring) {
      current = {key: restoring.key, of: facts.reading, picture: facts.picture};
      const {latex} = restoring;
      restoring = null;
      if (latex !== facts.latex) setTimeout(() => fill(panel, latex), 100);  // the page is about to fill the box
      return;
    }
    const again = current?.picture === facts.picture;  // read by another checkpoint, or on from an alternative
    const key = again ? current.key : facts.drawn ? `drawing ${drawing}` : facts.picture;
    current = {key, of: facts.reading, picture: facts.picture};
    setTimeout(() => {
      const thumbnail = panel.querySelector(".crop img")?.src || "";
      change(() => keep(key, facts, thumbnail));
    }, 50);  // the crop is there at the same time or a moment later
  });
  document.addEventListener("img2latex:forms", ({detail: {bar}}) => {
    if (!current || bar.dataset.of !== current.of) return;
    const {key} = current, latex = JSON.parse(bar.dataset.forms).LaTeX;
    change(() => update(key, {latex}));
  });
  const fill = (panel, latex) => {
    const box = panel.querySelector("textarea");
    box.value = latex;
    box.dispatchEvent(new Event("input", {bubbles: true}));
  };

  // Showing ---------------------------------------------------------------------------------------------------------

  const listed = async () => {
    const view = find("#history");
    const words = view.querySelector("[type=search]").value.toLowerCase(), starred = view.querySelector("[type=checkbox]").checked;
    return (await all()).filter(each => each.latex.toLowerCase().includes(words) && (each.star || !starred));
  };
  const element = (name, properties, ...children) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  };
  const line = entry => {
    const facts = `${Math.round(100 * entry.confidence)} % · ${entry.checkpoint} · ${new Date(entry.time).toLocaleString()}`;
    const open = element("button", {className: "entry", title: "Bring it back", onclick: () => bringBack(entry)},
      element("img", {src: entry.thumbnail, alt: ""}), element("code", {textContent: entry.latex}),
      element("small", {textContent: facts}));
    const star = element("button", {className: "act star", ariaPressed: entry.star, ariaLabel: "Star", title: "Star",
      textContent: entry.star ? "★" : "☆", onclick: () => change(() => update(entry.key, {star: !entry.star}))});
    return element("li", {}, open, star);
  };
  const show = async () => {
    const view = find("#history");
    if (!view) return;
    let entries = [], total = 0;
    try {
      entries = await listed();
      total = (await all()).length;
    } catch {
      trouble = NOT_HERE;
    }
    view.querySelector("ol").replaceChildren(...entries.map(line));
    const words = total ? `${entries.length} of ${total} readings` : NONE;
    view.querySelector("[role=status]").textContent = trouble || words;
  };
  const bringBack = entry => {
    restoring = entry;
    const type = entry.picture.type || "image/png";
    img2latex.take(new File([entry.picture], `reading.${type.split("/")[1]}`, {type}));
  };

  // Saving ----------------------------------------------------------------------------------------------------------

  const cell = value => `"${String(value).replaceAll('"', '""')}"`;
  const when = entry => new Date(entry.time).toISOString().slice(0, 19);
  const WRITE = {
    tex: entries => [find("#history").dataset.preamble, "\\begin{document}",
      ...entries.flatMap(each => [`% ${when(each)}`, `\\[ ${each.latex} \\]`]), "\\end{document}", ""].join("\n"),
    csv: entries => [["time", "latex", "confidence", "checkpoint", "star"],
      ...entries.map(each => [when(each), each.latex, each.confidence, each.checkpoint, each.star])]
      .map(cells => cells.map(cell).join(",") + "\r\n").join(""),
    md: entries => entries.map(each => `$$${each.latex}$$\n`).join("\n"),
  };
  const save = async kind => {
    const text = WRITE[kind](await listed());
    const link = element("a", {href: URL.createObjectURL(new Blob([text])), download: `formulas.${kind}`});
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  };
  document.addEventListener("click", event => {
    const button = event.target.closest("#history .tools button");
    if (button?.dataset.save) save(button.dataset.save);
    if (button?.dataset.clear && confirm("Clear the whole history?")) change(async () => done((await store("readwrite")).clear()));
  });
  document.addEventListener("input", event => { if (event.target.closest("#history")) show(); });
  document.addEventListener("img2latex:history", show);
})();
