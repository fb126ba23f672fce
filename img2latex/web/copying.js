// Copying: the formula in the form last chosen, by a button, by a key, or by itself after each reading. Where the browser
// allows copying only after a key or a click, the button asks for one.
(() => {
  const REFUSED = "The browser wants a key for it: press C.";
  let last;  // number of the last reading that was copied without a click
  const parts = bar => ({
    button: bar.querySelector("button"), select: bar.querySelector("select"), box: bar.querySelector("input"),
    said: bar.querySelector("[role=status]"),
  });
  const formOf = bar => {
    const forms = JSON.parse(bar.dataset.forms), {form} = img2latex.choices;
    return form in forms ? [form, forms[form], ""] : ["LaTeX", forms.LaTeX, `No ${form} for this formula: `];
  };
  const bars = () => document.querySelectorAll(".copying");
  const show = bar => {
    const {select, box} = parts(bar);
    select.value = img2latex.choices.form;
    box.checked = img2latex.choices.copying;
  };
  const written = async text => {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    const area = document.createElement("textarea");  // for a page from another machine without encryption
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    if (!done) throw new Error("refused");
  };
  img2latex.copy = async (text, button) => {
    await written(text);
    button.classList.remove("asks");
    button.classList.add("copied");
    setTimeout(() => button.classList.remove("copied"), 1500);
  };
  const copy = async bar => {
    const {button, said} = parts(bar), [name, text, instead] = formOf(bar);
    try {
      await img2latex.copy(text, button);
      said.textContent = `${instead}${name} copied`;
    } catch {
      button.classList.add("asks");
      said.textContent = REFUSED;
    }
  };
  img2latex.copyFormula = panel => {
    const bar = panel?.querySelector(".copying");
    if (bar) copy(bar);
    return Boolean(bar);
  };
  document.addEventListener("img2latex:forms", ({detail: {bar}}) => {
    show(bar);
    parts(bar).said.textContent = "";
    const kept = bar.closest(".reading").querySelector("[data-reading]");  // of several readings the surest
    if (!img2latex.choices.copying || !kept || bar.dataset.of === last) return;
    last = bar.dataset.of;
    copy(bar);
  });
  document.addEventListener("img2latex:chosen", () => bars().forEach(show));
  document.addEventListener("click", event => {
    const bar = event.target.closest(".copying");
    if (bar && event.target.closest("button")) copy(bar);
  });
  document.addEventListener("change", event => {
    const bar = event.target.closest(".copying");
    if (!bar) return;
    const {select, box} = parts(bar);
    img2latex.choose({form: select.value, copying: box.checked});
    if (event.target === select || box.checked) copy(bar);  // that is what they are for
  });
})();
