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

const SMALLEST = 0.75; // smaller than this nobody can read the names
const ROOM = 28;

// What is drawn, with room around it; at the left as much more as the palette covers.
function whole(canvas, left) {
  const { inner } = canvas.viewbox();
  const scale = Math.min(1, (canvas.getSize().width - left - 2 * ROOM) / inner.width);
  return { x: inner.x - (left + ROOM) / scale, y: inner.y - ROOM / scale, inner, scale };
}

// A container as high as its flow asks, so that a single line of steps does not stand in an empty hall.
function suit(place, canvas, scale) {
  const wanted = canvas.viewbox().inner.height * scale + 2 * ROOM + 20;
  place.style.height = `${Math.round(Math.min(460, Math.max(170, wanted)))}px`;
  canvas.resized();
}

// `place` is the container of the canvas.
export function tools(place, viewer, icons, { left = 0, current = "", fits = false } = {}) {
  const canvas = viewer.get("canvas");
  const show = (x, y, scale) => {
    const { width, height } = canvas.getSize();
    canvas.viewbox({ x, y, width: width / scale, height: height / scale });
  };
  const zoom = (factor) => canvas.zoom(Math.min(2, Math.max(0.25, canvas.zoom() * factor)));
  const all = () => {
    const { x, y, scale } = whole(canvas, left);
    show(x, y, scale);
  };
  const shift = (part) => canvas.scroll({ dx: -part * canvas.getSize().width, dy: 0 });
  const begin = () => {
    const { x, y, inner, scale } = whole(canvas, left);
    const readable = Math.max(scale, SMALLEST);
    if (fits) suit(place, canvas, readable);
    if (scale >= SMALLEST) return show(x, y, scale);
    const element = current && viewer.get("elementRegistry").get(current);
    const middle = element ? element.x + element.width / 2 : inner.x;
    const window = canvas.getSize().width / readable;
    const last = inner.x + inner.width + ROOM / readable - window;
    const start = Math.max(inner.x - (left + ROOM) / readable, Math.min(last, middle - window / 2));
    return show(start, inner.y - ROOM / readable, readable);
  };
  const bar = document.createElement("div");
  bar.className = "flow-tools no-print";
  bar.append(
    button(icons, "向左看", "chevron-left", () => shift(-0.6)),
    button(icons, "向右看", "chevron-right", () => shift(0.6)),
    button(icons, "放大", "zoom-in", () => zoom(1.25)),
    button(icons, "缩小", "zoom-out", () => zoom(0.8)),
    button(icons, "显示全部", "zoom-in-area", all),
  );
  place.append(bar);
  const svg = place.querySelector(".djs-container > svg");
  svg?.setAttribute("role", "group");
  svg?.setAttribute("aria-label", "流程图");
  begin();
}
