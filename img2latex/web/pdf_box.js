// A box drawn on a page, by mouse, pen or finger, is told to the server in shares of the page's width and height.
// A box given in numbers (percent) is shown on the page while they are typed.
// Runs when the HTML component is loaded, which gives it `element` and `trigger`.
let start;
const place = event => {
  const page = element.querySelector(".page").getBoundingClientRect();
  const shares = [(event.clientX - page.left) / page.width, (event.clientY - page.top) / page.height];
  return shares.map(share => Math.min(1, Math.max(0, share)));
};
const box = event => {
  const [x, y] = place(event);
  return {
    left: Math.min(x, start[0]), top: Math.min(y, start[1]),
    right: Math.max(x, start[0]), bottom: Math.max(y, start[1]),
  };
};
const show = (left, top, right, bottom) => {
  element.querySelector(".frame").style.inset = `${top}% ${100 - right}% ${100 - bottom}% ${left}%`;
};
element.addEventListener("pointerdown", event => {
  if (!event.target.closest(".page")) return;
  event.preventDefault();  // or the picture itself would be dragged
  element.setPointerCapture(event.pointerId);
  start = place(event);
});
element.addEventListener("pointermove", event => {
  if (!start) return;
  const {left, top, right, bottom} = box(event);
  show(...[left, top, right, bottom].map(share => 100 * share));
});
element.addEventListener("pointerup", event => {
  if (!start) return;
  const drawn = box(event);
  start = null;
  if (drawn.right - drawn.left > 0.005 && drawn.bottom - drawn.top > 0.002) trigger("click", drawn);
});
element.addEventListener("pointercancel", () => { start = null; });
document.addEventListener("input", event => {
  const numbers = event.target.closest("#numbers");
  if (!numbers || !element.querySelector(".frame")) return;
  show(...[...numbers.querySelectorAll("input")].map(input => Number(input.value)));
});
