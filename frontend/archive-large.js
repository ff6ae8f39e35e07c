// Large sheets: tiles of the picture, fetched as one looks closer. Every tile is asked for with the reader's own right.
import OpenSeadragon from "openseadragon";

let shown = null;

// OpenSeadragon writes a style sheet into the page unless one is there; the policy of the site allows none. An element of
// that name from no namespace of HTML is found by it and styles nothing.
const instead = document.createElementNS("urn:bianzhi", "style");
instead.setAttribute("data-openseadragon-mobile-css", "true");
document.head.append(instead);

window.showLargeSheet = (place, look) => {
  shown?.destroy();
  const tiles = JSON.parse(document.getElementById("tiles-data").textContent);
  const viewer = OpenSeadragon({
    element: place,
    showNavigationControl: false, // the toolbar above has the buttons
    showNavigator: true,
    navigatorPosition: "BOTTOM_RIGHT",
    crossOriginPolicy: false,
    degrees: look.turn,
    drawer: "canvas",
    maxZoomPixelRatio: 2,
    tileSources: {
      width: tiles.width,
      height: tiles.height,
      tileSize: tiles.size,
      minLevel: 0,
      maxLevel: tiles.levels - 1,
      getTileUrl: (level, column, row) => `${tiles.url}${level}/${column}/${row}/`,
    },
  });
  shown = viewer;
  viewer.addHandler("open", () => {
    const paint = ({ x, y, width, height }, name) => {
      const element = document.createElement("div");
      element.className = name;
      viewer.addOverlay({ element, location: new OpenSeadragon.Rect(x, y, width, height) });
    };
    tiles.marks.forEach((mark) => paint(mark, "large-hit"));
    if (tiles.frame) paint(tiles.frame, "large-frame");
    place.dataset.ready = "yes";
  });
  place.addEventListener("viewer:zoom", ({ detail }) => {
    if (detail.by) viewer.viewport.zoomBy(detail.by);
    else viewer.viewport.goHome();
  });
  place.addEventListener("viewer:turn", ({ detail }) => viewer.viewport.setRotation(detail.turn));
};
