// Everything the pages do beyond plain HTML. Each part is a progressive enhancement: without it the page still reads.
import htmx from "htmx.org";

import { enhanceChoices } from "./choices.js";
import { listenForKeys } from "./keys.js";
import { sendPickedFiles } from "./picked-files.js";
import { showWhatIsAsked } from "./rows.js";
import { enhanceSearch } from "./search.js";
import { guardUnsaved } from "./unsaved.js";
import { toast } from "./toast.js";

document.documentElement.classList.add("js");
window.htmx = htmx;
Object.assign(htmx.config, {
  includeIndicatorStyles: false,
  allowEval: false,
  selfRequestsOnly: true,
  historyCacheSize: 0, // pages hold personal data; the browser must not keep them
  refreshOnHistoryMiss: true,
  scrollIntoViewOnBoost: false,
  timeout: 60000,
});

const on = (event, selector, act) =>
  document.addEventListener(event, (happening) => {
    const found = happening.target instanceof Element && happening.target.closest(selector);
    if (found) act(happening, found);
  });

// --- htmx ---

document.addEventListener("htmx:configRequest", ({ detail }) => {
  const token = document.querySelector('meta[name="csrf-token"]');
  if (token && detail.verb !== "get") detail.headers["X-CSRFToken"] = token.content;
});
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.xhr.status === 422) Object.assign(detail, { shouldSwap: true, isError: false });
});
document.addEventListener("htmx:responseError", ({ detail }) => {
  const status = detail.xhr.status;
  const number = detail.xhr.getResponseHeader("X-Request-ID");
  if (status === 403) toast("您没有权限办理这一项，内容没有改变。");
  else if (status === 400) toast("条件有误，内容没有更新。请检查填写的条件。");
  else toast(`系统出错，没有完成。请稍后再试；如仍出错，请把编号 ${number || status} 告诉管理员。`);
});
document.addEventListener("htmx:sendError", () => toast("网络不通，没有收到结果。请检查网络后重试，已经办好的不会重复办理。"));
document.addEventListener("htmx:timeout", () => toast("等待超过一分钟，没有收到结果。请稍后重试，已经办好的不会重复办理。"));
document.addEventListener("htmx:afterSettle", ({ target }) => start(target));
document.addEventListener("htmx:load", ({ target }) => start(target)); // parts that came out of band

// --- menus, dialogs, trees, tables ---

document.addEventListener("click", ({ target }) => {
  document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
    if (!menu.contains(target)) menu.open = false;
  });
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  document.getElementById("side-menu")?.classList.remove("is-open");
});
on("click", "[data-menu-toggle]", (event) => {
  event.preventDefault();
  const menu = document.getElementById("side-menu");
  if (menu.classList.toggle("is-open")) menu.focus();
});
on("click", "[data-dialog]", (event, link) => {
  const dialog = document.querySelector(link.getAttribute("href"));
  if (!dialog || !dialog.showModal) return;
  event.preventDefault();
  dialog.showModal();
});
on("click", "[data-dialog-close]", (event, button) => {
  const dialog = button.closest("dialog");
  if (dialog.open) dialog.close();
  else location.hash = "";
});
on("click", "[data-tree-toggle]", (event, toggle) => {
  const open = toggle.getAttribute("aria-expanded") !== "true";
  toggle.setAttribute("aria-expanded", String(open));
  document.getElementById(toggle.getAttribute("aria-controls")).hidden = !open;
});
// 常用意见: into the opinion, after what is written already.
on("click", "[data-phrase]", (event, button) => {
  const field = document.getElementById(button.dataset.phrase);
  const text = field.value.trim();
  field.value = text ? `${text}${button.textContent}` : button.textContent;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
});
on("click", "[data-print]", () => window.print());
on("change", "[data-bulk] input[type=checkbox]", (event, box) => {
  const form = box.closest("[data-bulk]");
  const picks = [...form.querySelectorAll('input[name="selected"]')];
  if (box.hasAttribute("data-bulk-all")) picks.forEach((pick) => (pick.checked = box.checked));
  const count = picks.filter((pick) => pick.checked).length;
  form.classList.toggle("has-selection", count > 0);
  form.querySelector("[data-bulk-count]").textContent = `已选 ${count} 行`;
});
// A second click on a slow button would send the form twice.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) event.preventDefault();
  setTimeout(() => {
    if (event.defaultPrevented) return;
    form.dataset.sent = "yes";
    setTimeout(() => delete form.dataset.sent, 5000); // a download leaves the page where it is
  });
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll("[data-sent]").forEach((form) => delete form.dataset.sent);
});

function start(root) {
  enhanceChoices(root);
  guardUnsaved(root);
  showWhatIsAsked(root);
  sendPickedFiles(root);
  const summary = root.querySelector?.("[data-error-summary]");
  if (summary) summary.focus();
}

// The menu is longer than most windows: the entry one is at is brought into sight.
function showCurrentEntry() {
  const menu = document.getElementById("side-menu");
  const current = menu?.querySelector("[aria-current]");
  if (current) menu.scrollTop = Math.max(0, current.offsetTop - menu.clientHeight / 2);
}

listenForKeys();
document.addEventListener("DOMContentLoaded", showCurrentEntry);
document.addEventListener("DOMContentLoaded", () => start(document));
document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-suggest]").forEach(enhanceSearch));
