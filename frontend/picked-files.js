// A file field that uploads by itself (hx-trigger="change") may be replaced by the answer to an earlier request just
// when a file was picked in it. The picked file then moves into the field that takes its place, and is sent from there.
const FIELD = 'input[type="file"][hx-post]';
const sent = new WeakSet();
const asked = new WeakSet();
const waiting = new Map();

const isUnsent = (field) => field.files.length > 0 && !sent.has(field);

// An upload carries every file picked in its form so far.
document.addEventListener("htmx:beforeSend", ({ detail: { elt } }) => {
  if (!elt.matches(FIELD)) return;
  elt.form?.querySelectorAll(FIELD).forEach((field) => field.files.length && sent.add(field));
});
const pickedAnew = ({ target }) => target instanceof Element && target.matches(FIELD) && sent.delete(target);
document.addEventListener("change", pickedAnew, { capture: true }); // before htmx sends it
document.addEventListener("htmx:trigger", ({ target }) => asked.add(target));
document.addEventListener("htmx:beforeCleanupElement", ({ target }) => {
  if (target instanceof Element && target.matches(FIELD) && isUnsent(target)) waiting.set(target.name, target.files);
});

export function sendPickedFiles(root) {
  root.querySelectorAll?.(FIELD).forEach((field) => {
    if (waiting.has(field.name)) {
      field.files = waiting.get(field.name);
      waiting.delete(field.name);
    } else if (asked.has(field)) return;
    if (isUnsent(field)) field.dispatchEvent(new Event("change", { bubbles: true }));
  });
}
