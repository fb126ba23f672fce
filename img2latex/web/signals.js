// What the page's scripts share: `img2latex`, with the choices that the browser keeps (settings.py), and events: "answer"
// when a verdict is new (detail: {panel, facts}, facts null if nothing was read), "forms" when there is something new to
// copy (detail: {bar}), "chosen" when a choice is.
window.img2latex = {choices: {form: "LaTeX", copying: false, theme: "auto"}};
(() => {
  const find = selector => document.querySelector(selector);
  const known = new WeakMap();  // element -> its last text: Gradio changes elements rather than replacing them
  const tell = (name, detail) => document.dispatchEvent(new CustomEvent(`img2latex:${name}`, {detail}));
  const news = (selector, says) => [...document.querySelectorAll(selector)].filter(each => {
    const said = says(each), old = known.get(each);
    known.set(each, said);
    return said !== old;
  });
  new MutationObserver(() => {
    for (const verdict of news(".verdict", each => each.outerHTML)) {
      const panel = verdict.closest(".reading"), facts = verdict.querySelector("[data-reading]")?.dataset;
      if (panel) tell("answer", {panel, facts: facts ? {...facts} : null});
    }
    for (const bar of news(".copying", each => each.dataset.of + each.dataset.forms)) tell("forms", {bar});
    for (const history of news("#history", () => true)) tell("history", {history});
    for (const select of news("#theme", () => true)) select.value = img2latex.choices.theme;
  }).observe(document, {childList: true, subtree: true, characterData: true, attributeFilter: ["data-reading", "data-forms"]});

  const lighten = () => {
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    const {theme} = img2latex.choices;
    document.body.classList.toggle("dark", theme === "dark" || theme === "auto" && dark);
  };
  img2latex.choose = choice => {
    Object.assign(img2latex.choices, choice);
    if (choice.theme) lighten();
    tell("chosen", choice);
    find("#remember")?.click();
  };
  img2latex.restore = saved => {
    for (const name of Object.keys(img2latex.choices)) if (name in saved) img2latex.choices[name] = saved[name];
    if (img2latex.choices.theme !== "auto") lighten();
    if (find("#theme")) find("#theme").value = img2latex.choices.theme;
    tell("chosen", {});
  };
  document.addEventListener("change", event => {
    if (event.target.id === "theme") img2latex.choose({theme: event.target.value});
  });
  // On a phone the result is below the fold: after an upload, not while drawing, the page scrolls there.
  document.addEventListener("img2latex:answer", ({detail: {panel, facts}}) => {
    if (facts && !facts.drawn && innerWidth <= 500) panel.scrollIntoView({behavior: "smooth", block: "start"});
  });
  // The panel that keys act on: the one with a chosen token, else the first with a reading.
  img2latex.panel = () => {
    const shown = [...document.querySelectorAll(".reading")].filter(each => each.offsetParent && each.querySelector(".tokens"));
    return shown.find(each => each.querySelector(".tokens [aria-pressed=true]")) || shown[0];
  };
})();
