// Boxes on the page that is read: a drag over the page draws one, a drag on the chosen one moves it or, at its edge,
// resizes it; a click chooses one; the Delete key takes it away. The server gets each action (page_tab.py),
// in px of the page's picture. Mouse, pen and finger are one; up and down a finger scrolls.
// Runs when the HTML component is loaded, which gives it `element` and `trigger`.
const EDGE = 9, STILL = 5, SMALLEST = 4;  // px on the screen: reach of an edge; a drag at least; a box at least
let held, dragged;
const board = () => element.querySelector(".board:not(.unread)");
const chosen = () => element.querySelector(".board [aria-pressed=true]");
const boxOf = button => button.dataset.box.split(",").map(Number);
const scale = () => board().dataset.width / board().getBoundingClientRect().width;
const place = event => {
  const {left, top} = board().getBoundingClientRect(), most = [board().dataset.width, board().dataset.height];
  return [event.clientX - left, event.clientY - top].map((px, i) => Math.min(most[i], Math.max(0, px * scale())));
};
const show = box => {
  if (!board()) return;
  const {width, height} = board().dataset, [left, top, right, bottom] = box;
  const shares = [top / height, 1 - right / width, 1 - bottom / height, left / width];
  element.querySelector(".frame").style.inset = shares.map(share => `${100 * share}%`).join(" ");
};
// Which sides of the chosen box a place is at: those move; all four if it is at none.
const sidesAt = (button, [x, y]) => {
  const [left, top, right, bottom] = boxOf(button), reach = Math.min(EDGE * scale(), (right - left) / 3, (bottom - top) / 3);
  const near = [x - left, y - top, right - x, bottom - y].map(distance => distance < reach);
  return near.some(Boolean) ? near : [true, true, true, true];
};
const drawn = event => {
  const [x, y] = place(event), [x0, y0] = held.from;
  if (!held.button) return [Math.min(x, x0), Math.min(y, y0), Math.max(x, x0), Math.max(y, y0)];
  const moved = boxOf(held.button).map((side, i) => side + held.sides[i] * (i % 2 ? y - y0 : x - x0));
  return [Math.min(moved[0], moved[2]), Math.min(moved[1], moved[3]), Math.max(moved[0], moved[2]), Math.max(moved[1], moved[3])];
};
const tell = (act, told = {}) => trigger("click", {act, chosen: chosen()?.dataset.box, ...told});
const choose = button => {
  element.querySelectorAll(".board button").forEach(each => each.setAttribute("aria-pressed", each === button));
  element.querySelectorAll("[data-act]").forEach(each => { each.disabled = false; });
  tell("open");
};
element.addEventListener("pointerdown", event => {
  if (!event.target.closest(".board:not(.unread)") || event.button) return;
  const button = event.target.closest("[aria-pressed=true]"), from = place(event);
  held = {from, at: [event.clientX, event.clientY], button, sides: button && sidesAt(button, from)};
  dragged = false;
});
element.addEventListener("pointermove", event => {
  if (!event.buttons) held = null;  // let go outside the page
  if (!held || !board()) return;
  if (!dragged && Math.hypot(event.clientX - held.at[0], event.clientY - held.at[1]) < STILL) return;
  if (!dragged) element.setPointerCapture(event.pointerId);  // not before: who captured the pointer gets the click
  dragged = true;
  show(drawn(event));
});
element.addEventListener("pointerup", event => {
  const told = held && dragged && board() && {act: held.button ? "move" : "add", box: drawn(event)};
  held = null;
  setTimeout(() => { dragged = false; });  // after the click that follows
  if (!told) return;
  const [left, top, right, bottom] = told.box.map(side => side / scale());
  if (right - left > SMALLEST && bottom - top > SMALLEST) tell(told.act, {box: told.box});
  else show([0, 0, 0, 0]);
});
element.addEventListener("pointercancel", () => { held = null; });
element.addEventListener("click", event => {
  const button = event.target.closest("button");
  if (!button || dragged) return;
  if (button.dataset.act) tell(button.dataset.act);
  else choose(button);
});
element.addEventListener("keydown", event => {
  const button = event.target.closest(".board button");
  if (event.key === "Delete" && button) tell("delete", {chosen: button.dataset.box});
});
const showNumbers = within => {  // a box given in numbers (percent) is shown while they are typed
  const numbers = within?.closest("#numbers");
  if (!numbers || !board()) return;
  const {width, height} = board().dataset;
  show([...numbers.querySelectorAll("input")].map((input, i) => input.value / 100 * (i % 2 ? height : width)));
};
document.addEventListener("input", event => showNumbers(event.target));
// The page may be drawn anew meanwhile, without the frame.
new MutationObserver(() => showNumbers(document.activeElement)).observe(element, {childList: true, subtree: true});
