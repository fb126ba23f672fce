// A formula editor under the LaTeX box: MathLive, loaded when it is first asked for. Each of the two follows the other.
// Runs when the HTML component is loaded, which gives it `element`.
const box = () => element.closest(".column").querySelector("textarea");

const followEachOther = field => {
  let told;
  field.addEventListener("input", () => {
    box().value = told = field.value;
    box().dispatchEvent(new Event("input", {bubbles: true}));
  });
  setInterval(() => {  // the server fills the box too, without an event
    if (box().value !== told) field.setValue(told = box().value, {silenceNotifications: true});
  }, 200);
};

element.addEventListener("click", async event => {
  const button = event.target.closest("button");
  if (!button) return;
  button.disabled = true;
  const {MathfieldElement} = await import(new URL(button.dataset.source, document.baseURI).href);
  MathfieldElement.fontsDirectory = null;  // the page has them already: they are KaTeX's
  MathfieldElement.soundsDirectory = null;
  const field = new MathfieldElement();
  field.ariaLabel = "Formula editor";
  button.replaceWith(field);
  field.inlineShortcuts = {};  // they would turn letters that are typed into commands of MathLive's own
  followEachOther(field);
  field.focus();
});
