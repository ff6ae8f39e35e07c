// The picture of a flow, read only: loaded by pages that show one (`{% flow_picture %}`). The words beside it say the same.
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";

import "./flow/picture.css";
import { mark } from "./flow/marks.js";
import { bb } from "./flow/moddle.js";
import { translation } from "./flow/translation.js";
import { tools } from "./flow/tools.js";

async function show(place) {
  const picture = JSON.parse(document.getElementById(place.dataset.flowPicture).textContent);
  const canvas = document.createElement("div");
  canvas.className = "flow-canvas";
  place.append(canvas);
  const viewer = new NavigatedViewer({
    container: canvas,
    moddleExtensions: { bb },
    additionalModules: [translation],
    zoomScroll: { enabled: false }, // the wheel scrolls the page; buttons zoom
  });
  try {
    await viewer.importXML(picture.xml);
  } catch (problem) {
    canvas.remove();
    place.querySelector("[data-flow-none]").hidden = false;
    return;
  }
  mark(viewer, picture);
  const current = Object.entries(picture.states).find(([, { state }]) => state === "current");
  tools(canvas, viewer, place.dataset.flowIcons, { current: current?.[0], fits: true });
}

document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("[data-flow-picture]").forEach((place) => show(place));
});
