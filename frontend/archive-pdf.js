// PDF of an item, for who may keep the file: drawn by PDF.js with its text over it and the words marked.
// Nothing of the file is ever run: neither fonts nor forms nor scripts (isEvalSupported, enableXfa, no annotations).
import * as pdfjs from "pdfjs-dist/legacy/build/pdf.js";

const worker = document.currentScript.dataset.worker;
pdfjs.GlobalWorkerOptions.workerSrc = worker;
const folder = `${worker.slice(0, worker.lastIndexOf("/"))}/pdf/`;
const files = new Map();
const UNSEEN = /\s/g;

function open(url) {
  if (!files.has(url)) {
    files.set(
      url,
      pdfjs.getDocument({
        url,
        isEvalSupported: false,
        enableXfa: false,
        disableAutoFetch: true,
        disableStream: true,
        cMapUrl: `${folder}cmaps/`,
        cMapPacked: true,
        standardFontDataUrl: `${folder}fonts/`,
      }).promise,
    );
  }
  return files.get(url);
}

function markWords(spans, phrases) {
  spans.forEach((span) => {
    const text = span.textContent;
    const plain = text.toLowerCase().replace(UNSEEN, "");
    if (!phrases.some((phrase) => plain.includes(phrase))) return;
    const mark = document.createElement("mark");
    mark.textContent = text;
    span.textContent = "";
    span.append(mark);
  });
}

async function draw(place, page, look, phrases) {
  const room = place.closest(".viewer-stage").clientWidth - 28;
  const rotation = (page.rotate + look.turn) % 360;
  const natural = page.getViewport({ scale: 1, rotation });
  const viewport = page.getViewport({ scale: (Math.min(room, 1000) / natural.width) * look.zoom, rotation });
  const canvas = place.querySelector("canvas");
  const fine = Math.min(window.devicePixelRatio || 1, 2);
  canvas.width = Math.round(viewport.width * fine);
  canvas.height = Math.round(viewport.height * fine);
  canvas.style.width = `${Math.round(viewport.width)}px`;
  canvas.style.height = `${Math.round(viewport.height)}px`;
  await page.render({
    canvasContext: canvas.getContext("2d"),
    viewport,
    transform: fine === 1 ? null : [fine, 0, 0, fine, 0, 0],
    annotationMode: pdfjs.AnnotationMode.DISABLE,
  }).promise;
  const layer = place.querySelector(".pdf-text");
  layer.textContent = "";
  layer.style.width = canvas.style.width;
  layer.style.height = canvas.style.height;
  const spans = [];
  await pdfjs.renderTextLayer({ textContent: await page.getTextContent(), container: layer, viewport, textDivs: spans }).promise;
  markWords(spans, phrases);
}

window.showPdf = async (place, look) => {
  const told = place.querySelector("[data-pdf-state]");
  const asked = JSON.parse(document.getElementById("pdf-data").textContent);
  try {
    const file = await open(asked.url);
    const page = await file.getPage(Math.min(asked.page, file.numPages));
    let turn = Promise.resolve();
    const again = () => (turn = turn.then(() => draw(place, page, look, asked.phrases)));
    await again();
    told.remove();
    place.dataset.ready = "yes";
    place.addEventListener("viewer:zoom", again);
    place.addEventListener("viewer:turn", again);
  } catch (problem) {
    told.textContent = "PDF 打不开，请改用“图像”查看。";
  }
};
