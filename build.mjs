// Builds the design layer: frontend/ -> src/bianzhi/common/static/dist/. Run by ./bianzhi when a source changed (launcher/assets.py).
import { build } from "esbuild";
import { copyFile, cp, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(fileURLToPath(import.meta.url));
const source = join(root, "frontend");
const final = join(root, "src/bianzhi/common/static/dist");
// Made aside and moved at the end, so that a failing build leaves the last good assets in place.
const out = join(root, "build/assets");
// Browsers of the 信创 desktops and Windows 7 lag; Chromium 86 is the oldest that has to work.
const target = ["chrome86"];

// What Chromium 86 does not know and esbuild cannot lower; such a rule would silently lose its colours or its layout.
const TOO_NEW = /:has\(|color-mix\(|oklch\(|light-dark\(|@layer|@container|\d(?:dvh|svh|lvh)\b/g;

async function refuseTooNew() {
  for (const name of ["app.css", "flow-viewer.css", "flow-editor.css"]) {
    const css = await readFile(join(out, name), "utf8");
    const found = [...new Set(css.match(TOO_NEW))];
    if (found.length) throw new Error(`${name} uses ${found.join(", ")}, unknown to Chromium 86`);
  }
}

// The most each page may load, in bytes; a larger bundle fails the build, so that it is noticed (docs/performance.md).
const LARGEST = {
  "app.js": 125e3,
  "charts.js": 665e3,
  "flow-viewer.js": 225e3,
  "flow-editor.js": 570e3,
  "archive-viewer.js": 12e3,
  "archive-describe.js": 12e3,
  "archive-upload.js": 12e3,
  "archive-large.js": 370e3,
  "archive-pdf.js": 440e3,
  "passkey.js": 6e3,
};

async function refuseTooLarge() {
  for (const [name, limit] of Object.entries(LARGEST)) {
    const { size } = await stat(join(out, name));
    if (size > limit) throw new Error(`${name} has ${size} bytes, more than ${limit}`);
  }
}

// The style sheet of bpmn-js mixes its accent with nothing, which Chromium 86 cannot; the accent is ours anyway.
const plainColours = {
  name: "plain-colours",
  setup: ({ onLoad }) =>
    onLoad({ filter: /diagram-js\.css$/ }, async ({ path }) => {
      const css = await readFile(path, "utf8");
      const mixed = /color-mix\(in srgb, var\(--bio-canvas-accent\) (\d+)%, transparent\)/g;
      return { contents: css.replace(mixed, "rgba(29, 95, 173, .$1)"), loader: "css" };
    }),
};

async function sprite() {
  const names = (await readFile(join(source, "icons.txt"), "utf8")).split(/\s+/).filter(Boolean);
  const symbols = await Promise.all([...new Set(names)].sort().map(async (name) => {
    const svg = await readFile(join(root, "node_modules/@tabler/icons/icons/outline", `${name}.svg`), "utf8");
    const shapes = svg.slice(svg.indexOf(">") + 1, svg.lastIndexOf("</svg>")).replace(/\s*\n\s*/g, "");
    return `<symbol id="${name}" viewBox="0 0 24 24">${shapes}</symbol>`;
  }));
  await writeFile(join(out, "icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`);
}

// The part of PDF.js that reads files runs beside the page; it fetches the tables of Chinese encodings and the fonts every
// PDF may take for granted. 2.16 is the last line whose legacy build runs on Chromium 86; docs/reference/viewer.md.
async function pdf() {
  const package_ = join(root, "node_modules/pdfjs-dist");
  await copyFile(join(package_, "legacy/build/pdf.worker.min.js"), join(out, "archive-pdf-worker.js"));
  await cp(join(package_, "cmaps"), join(out, "pdf/cmaps"), { recursive: true });
  await cp(join(package_, "standard_fonts"), join(out, "pdf/fonts"), { recursive: true });
}

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
const common = { outdir: out, bundle: true, minify: true, target, legalComments: "linked", logLevel: "warning" };
const scripts = ["app", "charts", "archive-viewer", "archive-describe", "archive-upload", "archive-large", "archive-pdf", "passkey"];
await build({ ...common, entryPoints: scripts.map((name) => join(source, `${name}.js`)), format: "iife" });
await pdf();
// Fonts stay files: the Content-Security-Policy takes none from data: addresses.
await build({
  ...common,
  entryPoints: ["flow-viewer.js", "flow-editor.js"].map((name) => join(source, name)),
  format: "iife",
  plugins: [plainColours],
  loader: { ".woff": "file", ".woff2": "file" },
  assetNames: "fonts/[name]-[hash]",
});
await build({ ...common, entryPoints: ["app.css"].map((name) => join(source, name)) });
await sprite();
await refuseTooNew();
await refuseTooLarge();
await mkdir(dirname(final), { recursive: true });
await rm(final, { recursive: true, force: true });
await rename(out, final);
