// The elements of our profile, and no others: at the left to begin with, and beside a chosen element to go on.
import PaletteModule from "diagram-js/lib/features/palette";
import ContextPadModule from "diagram-js/lib/features/context-pad";
import ConnectModule from "diagram-js/lib/features/connect";
import CreateModule from "diagram-js/lib/features/create";
import GlobalConnectModule from "diagram-js/lib/features/global-connect";
import HandToolModule from "diagram-js/lib/features/hand-tool";
import LassoToolModule from "diagram-js/lib/features/lasso-tool";
import SpaceToolModule from "bpmn-js/lib/features/space-tool";

const TIMER = { eventDefinitionType: "bpmn:TimerEventDefinition" };
const TERMINATE = { eventDefinitionType: "bpmn:TerminateEventDefinition" };
const ELEMENTS = [
  ["user", "bpmn:UserTask", "bpmn-icon-user-task", "办理环节"],
  ["service", "bpmn:ServiceTask", "bpmn-icon-service-task", "系统办理"],
  ["send", "bpmn:SendTask", "bpmn-icon-send-task", "发文、通知"],
  ["call", "bpmn:CallActivity", "bpmn-icon-call-activity", "调用流程"],
  ["exclusive", "bpmn:ExclusiveGateway", "bpmn-icon-gateway-xor", "择一分支"],
  ["parallel", "bpmn:ParallelGateway", "bpmn-icon-gateway-parallel", "并行分支"],
  ["inclusive", "bpmn:InclusiveGateway", "bpmn-icon-gateway-or", "条件并行"],
  ["wait", "bpmn:IntermediateCatchEvent", "bpmn-icon-intermediate-event-catch-timer", "等待、到时", TIMER],
  ["start", "bpmn:StartEvent", "bpmn-icon-start-event-none", "开始"],
  ["end", "bpmn:EndEvent", "bpmn-icon-end-event-none", "结束"],
  ["terminate", "bpmn:EndEvent", "bpmn-icon-end-event-terminate", "终止", TERMINATE],
];
const NEXT = ["user", "exclusive", "parallel", "wait", "end"];

class PaletteProvider {
  static $inject = ["palette", "create", "elementFactory", "handTool", "lassoTool", "spaceTool", "globalConnect"];

  constructor(palette, create, elementFactory, handTool, lassoTool, spaceTool, globalConnect) {
    Object.assign(this, { create, elementFactory, handTool, lassoTool, spaceTool, globalConnect });
    palette.registerProvider(this);
  }

  getPaletteEntries() {
    const tool = (icon, title, act) => ({ group: "tools", className: icon, title, action: { click: act } });
    const entries = {
      hand: tool("bpmn-icon-hand-tool", "拖动画布", (event) => this.handTool.activateHand(event)),
      lasso: tool("bpmn-icon-lasso-tool", "框选多个", (event) => this.lassoTool.activateSelection(event)),
      space: tool("bpmn-icon-space-tool", "增减空白", (event) => this.spaceTool.activateSelection(event)),
      connect: tool("bpmn-icon-connection-multi", "连线", (event) => this.globalConnect.start(event)),
      line: { group: "tools", separator: true },
    };
    for (const [key, type, icon, title, options] of ELEMENTS) {
      const start = (event) => this.create.start(event, this.elementFactory.createShape({ type, ...options }));
      const html = `<div class="entry flow-entry" draggable="true"><span class="${icon}"></span>${title}</div>`;
      entries[key] = { group: "elements", title: `${title}：拖到画布上`, html, action: { dragstart: start, click: start } };
    }
    return entries;
  }
}

class ContextPadProvider {
  static $inject = ["contextPad", "modeling", "elementFactory", "connect", "create", "autoPlace", "rules"];

  constructor(contextPad, modeling, elementFactory, connect, create, autoPlace, rules) {
    Object.assign(this, { modeling, elementFactory, connect, create, autoPlace, rules });
    contextPad.registerProvider(this);
  }

  getContextPadEntries(element) {
    const entries = this.goesOn(element) ? this.following() : {};
    entries.delete = {
      group: "edit",
      className: "bpmn-icon-trash",
      title: "删除",
      action: { click: () => this.modeling.removeElements([element]) },
    };
    return entries;
  }

  getMultiElementContextPadEntries(elements) {
    const act = () => this.modeling.removeElements(elements.slice());
    return { delete: { group: "edit", className: "bpmn-icon-trash", title: "删除", action: { click: act } } };
  }

  goesOn(element) {
    return element.businessObject.$instanceOf("bpmn:FlowNode") && element.type !== "label" && element.type !== "bpmn:EndEvent";
  }

  following() {
    const entries = {};
    for (const [key, type, className, title, options] of ELEMENTS.filter(([key]) => NEXT.includes(key))) {
      const shape = () => this.elementFactory.createShape({ type, ...options });
      entries[`append.${key}`] = {
        group: "model",
        className,
        title: `下一步：${title}`,
        action: {
          click: (event, source) => this.autoPlace.append(source, shape()),
          dragstart: (event, source) => this.create.start(event, shape(), { source }),
        },
      };
    }
    const start = (event, source) => this.connect.start(event, source);
    entries.connect = {
      group: "connect",
      className: "bpmn-icon-connection-multi",
      title: "连到别的环节",
      action: { click: start, dragstart: start },
    };
    return entries;
  }
}

export const profile = {
  __depends__: [
    PaletteModule, ContextPadModule, ConnectModule, CreateModule, GlobalConnectModule, HandToolModule, LassoToolModule,
    SpaceToolModule,
  ],
  __init__: ["paletteProvider", "contextPadProvider"],
  paletteProvider: ["type", PaletteProvider],
  contextPadProvider: ["type", ContextPadProvider],
};
