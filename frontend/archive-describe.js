// Describing an item: a suggestion is taken into its field by a click or Alt+number, and the page shows where it was read.
const on = (event, selector, act) =>
  document.addEventListener(event, (happening) => {
    const found = happening.target instanceof Element && happening.target.closest(selector);
    if (found) act(happening, found);
  });

function put(candidate) {
  const control = document.getElementById(candidate.dataset.for);
  if (!control) return;
  const { value, shown } = candidate.dataset;
  if (control.tomselect) {
    control.tomselect.addOption({ value, label: shown });
    control.tomselect.setValue(value);
  } else {
    control.value = value;
    control.dispatchEvent(new Event("input", { bubbles: true }));
    control.dispatchEvent(new Event("change", { bubbles: true }));
  }
  tell();
  point(candidate);
}

// Which suggestions the fields hold now.
function tell() {
  document.querySelectorAll("[data-candidate][data-for]").forEach((each) => {
    const control = document.getElementById(each.dataset.for);
    each.classList.toggle("is-taken", Boolean(control) && control.value.trim() === each.dataset.value);
  });
}

function showPage(number) {
  const link = document.querySelector(`[data-show-page="${number}"]`);
  const image = document.querySelector(".describe-page [data-shown-page]");
  if (!link || !image || image.dataset.shownPage === String(number)) return;
  image.src = link.dataset.picture;
  image.alt = `第 ${number} 页的图像`;
  image.dataset.shownPage = number;
  document.querySelectorAll("[data-show-page]").forEach((each) => each.classList.toggle("is-current", each === link));
  frame("");
}

function frame(box) {
  const place = document.querySelector("[data-frame]");
  if (!place) return;
  const numbers = box ? box.split(",").map(Number) : [0, 0, 0, 0];
  ["x", "y", "width", "height"].forEach((name, at) => place.setAttribute(name, numbers[at]));
  if (!box) return;
  const stage = document.querySelector(".describe-page .viewer-stage");
  const sheet = document.querySelector(".describe-page [data-sheet]");
  stage.scrollTop = Math.max(0, numbers[1] * sheet.clientHeight - stage.clientHeight / 3);
}

function point(candidate) {
  if (!candidate.dataset.page) return;
  showPage(candidate.dataset.page);
  frame(candidate.dataset.box);
}

on("click", "[data-take]", (event, button) => put(button.closest("[data-candidate]")));
on("click", "[data-show-page]", (event, link) => {
  event.preventDefault();
  showPage(link.dataset.showPage);
});
on("mouseover", "[data-candidate]", (event, candidate) => point(candidate));
on("focusin", "[data-field]", (event, field) => {
  const own = field.querySelectorAll("[data-candidate]");
  const taken = [...own].find((each) => each.classList.contains("is-taken")) || own[0];
  if (taken && !event.target.closest("[data-candidate]")) point(taken);
});
on("input", "#describe-form", tell);
document.addEventListener("keydown", (event) => {
  const form = document.getElementById("describe-form");
  if (!form) return;
  if (event.ctrlKey && event.key === "Enter") {
    event.preventDefault();
    form.querySelector("[data-file]").click();
    return;
  }
  const field = event.altKey && /^Digit[1-4]$/.test(event.code) && document.activeElement?.closest("[data-field]");
  if (!field) return;
  const chosen = field.querySelectorAll("[data-candidate]")[Number(event.code.slice(-1)) - 1];
  if (!chosen) return;
  event.preventDefault();
  put(chosen);
});
document.addEventListener("DOMContentLoaded", () => setTimeout(tell));
