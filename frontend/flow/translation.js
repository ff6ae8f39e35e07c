// What bpmn-js says, in Chinese. Whatever is not here is not reachable in our editor, or stays as the tool has it.
const WORDS = {
  "Activate hand tool": "拖动画布",
  "Activate lasso tool": "框选",
  "Activate create/remove space tool": "增减空白",
  "Activate global connect tool": "连线",
  "Connect to other element": "连到别的环节",
  Remove: "删除",
  "Change element": "更换类型",
  "element required": "缺少环节",
  "no diagram to display": "文件里没有流程图",
  "no process or collaboration to display": "文件里没有流程",
  "no parent for {element} in {parent}": "{element} 不在 {parent} 里",
  "no shape type specified": "没有图形类型",
  "out of bounds release": "落在画布之外",
  "more than {count} child lanes": "泳道多于 {count} 条",
  "element {element} referenced by {referenced}#{property} not yet drawn":
    "{referenced} 的 {property} 指向的 {element} 没有画出",
  "already rendered {element}": "{element} 画了两次",
  "failed to import {element}": "{element} 不能读入",
  "missing {semantic}#attachedToRef": "{semantic} 没有附着的环节",
  "Task": "环节",
  "Diagram: ": "流程图：",
  "Canvas": "画布",
  "Palette": "工具",
};

function translate(template, replacements = {}) {
  return (WORDS[template] || template).replace(/{([^}]+)}/g, (whole, key) => replacements[key] ?? whole);
}

export const translation = { translate: ["value", translate] };
