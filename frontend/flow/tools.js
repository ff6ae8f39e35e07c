// Buttons over a picture: larger, smaller, all of it.
function button(icons, label, icon, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "icon-btn";
  made.title = label;
  made.setAttribute("aria-label", label);
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${icons}#${icon}`);
  svg.append(use);
  made.append(svg);
  made.addEventListener("click", act);
  return made;
}

export function tools(place, viewer) {
  const icons = place.dataset.flowIcons;
  const canvas = viewer.get("canvas");
  const zoom = (factor) => canvas.zoom(Math.min(2, Math.max(0.25, canvas.zoom() * factor)));
  const fit = () => {
    canvas.zoom("fit-viewport");
    if (canvas.zoom() > 1) canvas.zoom(1, "auto"); // a short flow is not blown up
  };
  const bar = document.createElement("div");
  bar.className = "flow-tools no-print";
  bar.append(
    button(icons, "放大", "zoom-in", () => zoom(1.25)),
    button(icons, "缩小", "zoom-out", () => zoom(0.8)),
    button(icons, "显示全部", "zoom-in-area", fit),
  );
  place.append(bar);
  const svg = place.querySelector(".djs-container > svg");
  svg?.setAttribute("role", "group");
  svg?.setAttribute("aria-label", "流程图");
  fit();
}
