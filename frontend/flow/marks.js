// What a case has done at each step, and what is wrong with a step, drawn onto the picture.
const note = (text, kind) => {
  const box = document.createElement("div");
  box.className = `flow-note ${kind}`;
  box.textContent = text;
  return box;
};

// states: {node: {state, people, left, tone}}; flaws: [{element, message}].
export function mark(viewer, { states = {}, flaws = [] }) {
  const canvas = viewer.get("canvas");
  const overlays = viewer.get("overlays");
  const registry = viewer.get("elementRegistry");
  for (const [node, { state, people, left, tone }] of Object.entries(states)) {
    if (!registry.get(node)) continue;
    canvas.addMarker(node, `is-${state}`);
    if (people) overlays.add(node, "people", { position: { bottom: -4, left: 0 }, html: note(people, "is-people") });
    if (left) overlays.add(node, "left", { position: { top: -12, right: 24 }, html: note(left, tone || "is-left") });
  }
  markFlaws(viewer, flaws);
}

export function markFlaws(viewer, flaws) {
  const canvas = viewer.get("canvas");
  const overlays = viewer.get("overlays");
  const registry = viewer.get("elementRegistry");
  overlays.remove({ type: "flaw" });
  registry.forEach((element) => canvas.removeMarker(element, "is-flawed"));
  for (const { element, message } of flaws) {
    if (!element || !registry.get(element)) continue;
    canvas.addMarker(element, "is-flawed");
    const box = note("!", "is-flaw");
    box.title = message;
    overlays.add(element, "flaw", { position: { top: -10, left: -10 }, html: box });
  }
}
