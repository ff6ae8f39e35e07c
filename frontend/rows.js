// Tables of rows in a form: add, remove; and fields that are asked for only while another field holds a certain value.
import { enhanceChoices } from "./choices.js";

const on = (event, selector, act) =>
  document.addEventListener(event, (happening) => {
    const found = happening.target instanceof Element && happening.target.closest(selector);
    if (found) act(happening, found);
  });

on("click", "[data-row-add]", (event, button) => {
  event.preventDefault();
  const box = button.closest("[data-rows]");
  const template = box.querySelector("[data-row-template]");
  const made = document.createElement("div");
  made.innerHTML = template.innerHTML.replaceAll(/__row__|__prefix__/g, String(nextNumber(box)));
  const row = made.firstElementChild;
  button.before(row);
  number(box);
  enhanceChoices(row);
  row.querySelector("input, select, textarea")?.focus();
});
on("click", "[data-row-remove]", (event, button) => {
  const box = button.closest("[data-rows]");
  button.closest("[data-row]").remove();
  number(box);
  box.dispatchEvent(new Event("change", { bubbles: true }));
  box.querySelector("[data-row-add]").focus();
});

function nextNumber(box) {
  const numbers = [...box.querySelectorAll("[data-row] [name]")].map((control) => Number(/-(\d+)-/.exec(control.name)?.[1] ?? -1));
  return Math.max(-1, ...numbers) + 1;
}

function number(box) {
  const total = box.querySelector('input[name$="-TOTAL_FORMS"]'); // the server counts the rows of some tables
  if (total) total.value = String(nextNumber(box));
  const title = box.querySelector("legend").textContent.replace("*", "").trim();
  [...box.querySelectorAll("[data-row]:not(.js-hidden)")].forEach((row, place) => {
    row.querySelector("[data-row-number]").textContent = String(place + 1);
    row.setAttribute("aria-label", `${title}第 ${place + 1} 行`);
  });
}

// Conditions: <div data-only="mode" data-only-values="I08 I09">
export function showWhatIsAsked(root) {
  const parts = root.matches?.("[data-only]") ? [root] : [];
  [...parts, ...(root.querySelectorAll?.("[data-only]") ?? [])].forEach((part) => {
    const form = part.closest("form");
    const controls = form ? [...form.querySelectorAll(`[name="${part.dataset.only}"]`)] : [];
    if (!controls.length) return;
    const chosen = controls.find((each) => (each.type === "radio" || each.type === "checkbox" ? each.checked : true));
    part.hidden = !part.dataset.onlyValues.split(" ").includes(chosen ? chosen.value : "");
  });
}

document.addEventListener("change", ({ target }) => {
  const form = target instanceof Element && target.closest("form");
  if (form) showWhatIsAsked(form);
});
