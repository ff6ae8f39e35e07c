// Forms marked data-guard ask before the page is left with changes in them.
const changed = new Set();

export function guardUnsaved(root) {
  root.querySelectorAll?.("form[data-guard]").forEach((form) => {
    if (form.dataset.guarded) return;
    form.dataset.guarded = "yes";
    for (const event of ["input", "change"]) form.addEventListener(event, () => changed.add(form));
    // A refused form comes back with what was typed: still unsaved.
    if (form.querySelector("[data-error-summary], .objections")) changed.add(form);
    form.addEventListener("submit", () => changed.delete(form));
  });
}

// What is kept by itself while it is typed (data-autosave names the form by hx-include) is no longer unsaved.
function savedBy(element) {
  return element.hasAttribute("data-autosave") ? document.querySelector(element.getAttribute("hx-include")) : null;
}
document.addEventListener("htmx:beforeRequest", ({ target }) => changed.delete(savedBy(target)));
document.addEventListener("htmx:afterRequest", ({ target, detail }) => {
  const form = savedBy(target);
  if (form && !detail.successful) changed.add(form);
});

window.addEventListener("beforeunload", (event) => {
  if ([...changed].some((form) => form.isConnected)) {
    event.preventDefault();
    event.returnValue = "";
  }
});
