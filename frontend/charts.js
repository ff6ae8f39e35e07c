// Draws <figure data-chart="ID of its data">; what the data look like is written in docs/reference/components.md.
import { BarChart, LineChart, PieChart, TreeChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([BarChart, LineChart, PieChart, TreeChart, AriaComponent, GridComponent, LegendComponent, TooltipComponent, SVGRenderer]);

const COLOURS = ["#1d5fad", "#6f9fd6", "#2a8f86", "#d08a12", "#6b7a90", "#c8372d"];
const VACANT = "#d3e2f3";
const INK = "#4b5768";
const LINE = "#e1e6ed";
const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;

const base = (config) => ({
  color: COLOURS,
  animation: !calm,
  animationDuration: 300,
  textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: INK },
  aria: { enabled: true, label: { description: config.description } },
  tooltip: { trigger: "axis", confine: true, valueFormatter: (value) => (value == null ? "—" : `${value}${config.unit || ""}`) },
  legend: { show: (config.series || []).length > 1, right: 0, top: 0, itemWidth: 10, itemHeight: 10, textStyle: { color: INK } },
  grid: { left: 8, right: 16, top: (config.series || []).length > 1 ? 36 : 14, bottom: 8, containLabel: true },
});
const category = (labels, more) => ({
  type: "category",
  data: labels,
  axisTick: { show: false },
  axisLine: { lineStyle: { color: LINE } },
  axisLabel: { color: INK },
  ...more,
});
const value = (more) => ({ type: "value", minInterval: 1, axisLabel: { color: INK }, splitLine: { lineStyle: { color: LINE } }, ...more });

const makers = {
  line(config) {
    const series = config.series.map((each) => ({
      type: "line",
      name: each.name,
      data: each.data,
      showSymbol: false,
      step: each.style === "step" || each.style === "dashed" ? "end" : false,
      lineStyle: each.style === "dashed" ? { type: "dashed", color: "#6b7a90", width: 1.5 } : { width: 2 },
      itemStyle: each.style === "dashed" ? { color: "#6b7a90" } : { color: COLOURS[0] },
      areaStyle: each.style === "area" ? { opacity: 0.06 } : undefined,
    }));
    return { ...base(config), xAxis: category(config.labels, { boundaryGap: false }), yAxis: value({ scale: true }), series };
  },
  bar(config) {
    const series = config.series.map((each) => ({ type: "bar", name: each.name, data: each.data, barMaxWidth: 34, stack: config.stacked ? "all" : undefined }));
    return { ...base(config), xAxis: category(config.labels), yAxis: value(), series };
  },
  hbar(config) {
    const series = config.series.map((each) => ({ type: "bar", name: each.name, data: each.data, barMaxWidth: 16, stack: config.stacked ? "all" : undefined }));
    return { ...base(config), yAxis: category(config.labels, { inverse: true }), xAxis: value(), series };
  },
  // 实有 within 核定 as a share of 100 %, with both figures at the right; beyond 100 % the bar is red.
  share(config) {
    const [used, approved] = config.series;
    const share = used.data.map((each, at) => (approved.data[at] ? (each * 100) / approved.data[at] : 0));
    const over = (at) => used.data[at] > approved.data[at];
    return {
      ...base(config),
      legend: { show: false },
      tooltip: { show: false },
      grid: { left: 8, right: 96, top: 4, bottom: 4, containLabel: true },
      xAxis: { type: "value", max: 100, show: false },
      yAxis: category(config.labels, { inverse: true, axisLine: { show: false } }),
      series: [
        {
          type: "bar",
          name: used.name,
          barWidth: 14,
          data: share.map((each, at) => ({ value: Math.min(100, each), itemStyle: { color: over(at) ? COLOURS[5] : COLOURS[0] } })),
          showBackground: true,
          backgroundStyle: { color: VACANT },
          label: { show: true, position: "insideRight", color: "#fff", fontSize: 12, formatter: ({ dataIndex }) => (share[dataIndex] >= 20 ? `${share[dataIndex].toFixed(1)}%` : "") },
        },
        {
          type: "bar",
          barGap: "-100%",
          barWidth: 14,
          silent: true,
          itemStyle: { color: "transparent" },
          data: share.map(() => 100),
          label: { show: true, position: "right", color: INK, formatter: ({ dataIndex }) => `${used.data[dataIndex].toLocaleString()} / ${approved.data[dataIndex].toLocaleString()}` },
        },
      ],
    };
  },
  // 超编 to the right in red, 空编 to the left in blue.
  diverging(config) {
    const [only] = config.series;
    return {
      ...base(config),
      grid: { left: 8, right: 40, top: 4, bottom: 4, containLabel: true },
      xAxis: { type: "value", show: false, boundaryGap: ["12%", "4%"] },
      yAxis: category(config.labels, { inverse: true, axisLine: { show: false } }),
      series: [{
        type: "bar",
        name: only.name,
        barWidth: 13,
        data: only.data.map((each) => ({
          value: each,
          itemStyle: { color: each > 0 ? COLOURS[5] : COLOURS[1] },
          label: { position: each > 0 ? "right" : "left" },
        })),
        label: { show: true, color: INK, formatter: (point) => (point.value > 0 ? `+${point.value}` : `${point.value}`) },
      }],
    };
  },
  pie(config) {
    const data = config.labels.map((name, at) => ({ name, value: config.series[0].data[at] }));
    const made = base(config);
    return {
      ...made,
      tooltip: { ...made.tooltip, trigger: "item" },
      legend: { show: false },
      series: [{ type: "pie", name: config.series[0].name, radius: ["46%", "70%"], data, label: { color: INK, formatter: "{b} {c}" } }],
    };
  },
  tree(config) {
    const made = base(config);
    return {
      ...made,
      tooltip: { ...made.tooltip, trigger: "item" },
      series: [{
        type: "tree",
        data: [config.root],
        initialTreeDepth: 2,
        left: 120,
        right: 180,
        top: 8,
        bottom: 8,
        symbolSize: 8,
        label: { position: "left", align: "right", color: INK, fontSize: 12 },
        leaves: { label: { position: "right", align: "left" } },
        lineStyle: { color: "#c9d1dc" },
        expandAndCollapse: true,
      }],
    };
  },
};

function draw(figure) {
  const config = JSON.parse(document.getElementById(figure.dataset.chart).textContent);
  const canvas = figure.querySelector(".chart-canvas");
  const make = makers[config.kind];
  if (!make || canvas.dataset.drawn) return;
  canvas.dataset.drawn = "yes";
  const chart = init(canvas, null, { renderer: "svg" });
  chart.setOption(make({ ...config, description: canvas.getAttribute("aria-label") }));
  new ResizeObserver(() => chart.resize()).observe(canvas);
}

const start = (root) => root.querySelectorAll("[data-chart]").forEach(draw);
document.addEventListener("DOMContentLoaded", () => start(document));
document.addEventListener("htmx:afterSettle", ({ target }) => start(target));
