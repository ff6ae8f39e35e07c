// The viewer beyond plain HTML: zoom, rotation, and the scripts for large sheets and PDF, fetched where a page asks for them.
const script = document.currentScript;
const STEP = 1.25;
const SMALLEST = 0.4;
const LARGEST = 6;
const look = { zoom: 1, turn: 0 }; // kept while one turns the pages

const stage = () => document.querySelector(".viewer-stage");
const sheet = () => document.querySelector("[data-sheet]");

function apply() {
  const page = sheet();
  if (!page) return;
  const room = stage().clientWidth - 28;
  const image = page.querySelector("img");
  const tall = Number(image.getAttribute("height")) / Number(image.getAttribute("width"));
  const lies = look.turn % 180 !== 0;
  const fit = Math.min(room, 1000);
  const width = (lies ? Math.min(fit, room / tall) : fit) * look.zoom;
  page.classList.toggle("is-zoomed", look.zoom !== 1 || lies);
  page.style.width = `${Math.round(width)}px`;
  image.sizes = `${Math.round(width)}px`;
  const gap = lies ? Math.round((width - width * tall) / 2) : 0; // a turned sheet takes its height as width
  page.style.margin = `${gap}px ${-gap}px`;
  page.style.transform = look.turn ? `rotate(${look.turn}deg)` : "";
}

function tell(event, detail) {
  document.querySelectorAll("[data-large-sheet], [data-pdf-sheet]").forEach((place) => place.dispatchEvent(new CustomEvent(event, { detail })));
}

document.addEventListener("click", (event) => {
  const zoom = event.target instanceof Element && event.target.closest("[data-zoom]");
  const turn = event.target instanceof Element && event.target.closest("[data-rotate]");
  if (zoom) {
    const by = { in: STEP, out: 1 / STEP }[zoom.dataset.zoom];
    look.zoom = by ? Math.min(LARGEST, Math.max(SMALLEST, look.zoom * by)) : 1;
    tell("viewer:zoom", { by: by ?? 0, zoom: look.zoom });
  } else if (turn) {
    look.turn = (look.turn + 90) % 360;
    tell("viewer:turn", { turn: look.turn });
  } else return;
  apply();
});
// "/" leads to the search in the item, as in a text editor.
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target.closest("input, textarea, select")) return;
  const find = document.querySelector("[data-find]");
  if (!find) return;
  event.preventDefault();
  find.select();
});
window.addEventListener("resize", apply);

const fetched = new Map();
function fetchScript(url) {
  if (!fetched.has(url)) {
    fetched.set(
      url,
      new Promise((resolve, reject) => {
        const element = document.createElement("script");
        element.src = url;
        element.dataset.worker = script.dataset.pdfWorker;
        element.addEventListener("load", resolve);
        element.addEventListener("error", reject);
        document.head.append(element);
      }),
    );
  }
  return fetched.get(url);
}

async function start() {
  apply();
  const strip = document.querySelector(".viewer-strip .is-current");
  if (strip) strip.closest(".viewer-strip").scrollTop = strip.offsetTop - 140;
  const mark = document.querySelector(".page-layer .hit, .page-layer .framed");
  if (mark && stage()) stage().scrollTop += mark.getBoundingClientRect().top - stage().getBoundingClientRect().top - 120;
  const large = document.querySelector("[data-large-sheet]");
  const pdf = document.querySelector("[data-pdf-sheet]");
  if (large) await fetchScript(script.dataset.large).then(() => window.showLargeSheet(large, look));
  if (pdf) await fetchScript(script.dataset.pdf).then(() => window.showPdf(pdf, look));
}

document.addEventListener("DOMContentLoaded", start);
document.addEventListener("htmx:afterSettle", ({ target }) => {
  if (target.matches?.("[data-viewer]") || target.querySelector?.("[data-viewer]")) start();
});
