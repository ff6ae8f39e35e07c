// Draws a flow: the elements of our profile, their `bb:` settings at the side, saved by the form around it.
import BaseModeler from "bpmn-js/lib/BaseModeler";
import Viewer from "bpmn-js/lib/Viewer";
import AutoPlaceModule from "bpmn-js/lib/features/auto-place";
import AutoScrollModule from "diagram-js/lib/features/auto-scroll";
import BendpointsModule from "diagram-js/lib/features/bendpoints";
import ConnectionPreviewModule from "diagram-js/lib/features/connection-preview";
import EditorActionsModule from "bpmn-js/lib/features/editor-actions";
import GridSnappingModule from "bpmn-js/lib/features/grid-snapping";
import InteractionEventsModule from "bpmn-js/lib/features/interaction-events";
import KeyboardModule from "bpmn-js/lib/features/keyboard";
import KeyboardMoveSelectionModule from "diagram-js/lib/features/keyboard-move-selection";
import LabelEditingModule from "bpmn-js/lib/features/label-editing";
import ModelingModule from "bpmn-js/lib/features/modeling";
import MoveModule from "diagram-js/lib/features/move";
import MoveCanvasModule from "diagram-js/lib/navigation/movecanvas";
import OutlineModule from "bpmn-js/lib/features/outline";
import ResizeModule from "diagram-js/lib/features/resize";
import SnappingModule from "bpmn-js/lib/features/snapping";

import "./flow/picture.css";
import "./flow/editor.css";
import { markFlaws } from "./flow/marks.js";
import { bb } from "./flow/moddle.js";
import { profile } from "./flow/palette.js";
import { properties } from "./flow/properties.js";
import { tools } from "./flow/tools.js";
import { translation } from "./flow/translation.js";


const MODULES = [
  ...Viewer.prototype._modules, AutoPlaceModule, AutoScrollModule, BendpointsModule, ConnectionPreviewModule,
  EditorActionsModule, GridSnappingModule, InteractionEventsModule, KeyboardModule, KeyboardMoveSelectionModule,
  LabelEditingModule, ModelingModule, MoveModule, MoveCanvasModule, OutlineModule, ResizeModule, SnappingModule,
  profile, translation,
];

const read = (id) => JSON.parse(document.getElementById(id).textContent);

async function edit(place) {
  const { xml, flaws } = read(place.dataset.flowEditor);
  const canvas = place.querySelector("[data-flow-canvas]");
  const modeler = new BaseModeler({ container: canvas, modules: MODULES, moddleExtensions: { bb } });
  const form = place.closest("form");
  try {
    await modeler.importXML(xml);
  } catch (problem) {
    place.querySelector("[data-flow-none]").hidden = false;
    return;
  }
  tools(canvas, modeler, place.dataset.flowIcons, { left: 126 });
  markFlaws(modeler, flaws);
  properties(place.querySelector("[data-flow-properties]"), modeler, read(place.dataset.flowWords));
  keep(form, modeler);
  document.querySelectorAll("[data-flow-element]").forEach((link) =>
    link.addEventListener("click", (event) => point(event, modeler, link.dataset.flowElement)),
  );
}

// The XML goes with the form, whatever button sends it.
function keep(form, modeler) {
  const field = form.querySelector('[name="xml"]');
  modeler.on("commandStack.changed", () => form.dispatchEvent(new Event("change")));
  form.addEventListener("submit", async (event) => {
    if (form.dataset.written) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    field.value = (await modeler.saveXML({ format: true })).xml;
    const { submitter } = event;
    setTimeout(() => { // not before the first sending is over: it would be ignored
      form.dataset.written = "yes";
      form.requestSubmit(submitter);
      delete form.dataset.written;
    });
  });
}

function point(event, modeler, id) {
  const element = modeler.get("elementRegistry").get(id);
  if (!element) return;
  event.preventDefault();
  modeler.get("selection").select(element);
  modeler.get("canvas").scrollToElement(element);
}

document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("[data-flow-editor]").forEach((place) => edit(place));
});
