// Keys (listed in header.py). Each presses what a person could press; letters act only where nobody is typing.
(() => {
  const REST = 150;  // ms: of several tokens in quick succession only the last one's alternatives are asked for
  let asking;
  const find = selector => document.querySelector(selector);
  const typing = element => element.closest?.(
    "input:not([type=radio], [type=checkbox], [type=file], [type=range]), textarea, select, math-field, [contenteditable=true]"
  );
  const pressed = button => Boolean(button && !button.disabled && (button.click(), true));
  const token = step => {
    const tokens = [...img2latex.panel()?.querySelectorAll(".tokens:not(.legend) button") || []];
    if (!tokens.length) return false;
    const place = tokens.findIndex(each => each.ariaPressed === "true");
    const next = tokens[place < 0 ? (step > 0 ? 0 : tokens.length - 1) : (place + step + tokens.length) % tokens.length];
    tokens.forEach(each => each.setAttribute("aria-pressed", each === next));
    clearTimeout(asking);
    asking = setTimeout(() => next.click(), REST);
    return true;
  };
  const alternative = step => {
    const alternatives = [...img2latex.panel()?.querySelectorAll(".alternatives button[data-rank]") || []];
    const taken = alternatives.findIndex(each => each.disabled);
    return pressed(alternatives[taken + step]);
  };
  const undo = () => pressed(img2latex.panel()?.querySelector("[data-undo]")) || img2latex.undoStroke();
  const redo = () => img2latex.redoStroke();
  const copy = () => img2latex.copyFormula(img2latex.panel());
  const help = () => { find("#keys").showModal(); return true; };
  const LETTERS = {
    c: copy, u: undo, o: () => pressed(img2latex.panel()?.querySelector("[data-switch=over]")),
    r: () => pressed(find("#careful input")), "?": help,
  };
  const WITH_CONTROL = {z: undo, y: redo, Z: redo, c: () => getSelection().isCollapsed && copy()};
  const ARROWS = {
    ArrowLeft: () => token(-1), ArrowRight: () => token(1),
    ArrowUp: () => alternative(-1), ArrowDown: () => alternative(1),
  };
  document.addEventListener("keydown", event => {
    const {key, target} = event, control = event.ctrlKey || event.metaKey;
    if (event.altKey || typing(target) || find("#keys")?.open) return;
    if (key in ARROWS && (control || event.shiftKey || target.matches?.("input, [role=tab]"))) return;
    const act = control ? WITH_CONTROL[key] : LETTERS[key] || ARROWS[key];
    if (act?.()) event.preventDefault();
  });
  document.addEventListener("click", event => {
    if (event.target.closest("#show-keys")) help();
    if (event.target.closest("#keys button") || event.target.id === "keys") find("#keys").close();
  });
})();
