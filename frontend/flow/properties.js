// The settings of the chosen element, in words of the trade; what they mean is in workflow/rules/profile.py.
import { is } from "bpmn-js/lib/util/ModelUtil";

import { area, button, check, checks, section, select, text } from "./controls.js";
import { attribute, extensions, put, replace } from "./extensions.js";

const ACTIONS = [
  ["return", "退回"], ["transfer", "转办"], ["add", "加签"], ["remove", "减签"], ["copy", "抄送"], ["skip", "跳过"],
];
const USUAL_ACTIONS = "return transfer add remove copy";
const USUAL_VERDICTS = ["同意", "不同意"];
const ORDERS = [["single", "一人办理"], ["parallel", "同时会签"], ["sequential", "依次会签"]];
const MODES = [["all", "全部同意"], ["any", "一人同意"], ["ratio", "达到比例"]];
const REJECTS = [["stop", "终止办理"], ["return", "退回申请人"], ["collect", "记下意见，由后面的分支决定"]];
const RETURNS = [["any", "任何已办环节"], ["previous", "上一环节"], ["initiator", "申请人"]];
const WAYS = [["step", "重新逐级办理"], ["direct", "改后直接送回"]];
const WHO = [["role", "岗位"], ["initiator", "申请人"], ["user", "指定人员"], ["field", "事项字段里的人"]];

const words = (value) => (value || "").split(/\s+/).filter(Boolean);
const kindOf = (seat) => (seat.initiator === "true" ? "initiator" : seat.user ? "user" : seat.field && !seat.role ? "field" : "role");
const seatOf = ({ role, relation, user, initiator, field }) => ({ role, relation, user, initiator, field });

export function properties(place, modeler, vocabulary) {
  const draw = (element) => {
    place.replaceChildren(...(element ? new Settings(modeler, element, vocabulary).parts() : [hint()]));
  };
  const chosen = () => {
    const found = modeler.get("selection").get();
    return found.length === 1 ? found[0].labelTarget || found[0] : null;
  };
  modeler.on("selection.changed", () => draw(chosen()));
  modeler.on("commandStack.changed", () => {
    if (!place.contains(document.activeElement)) draw(chosen());
  });
  place.addEventListener("flow:redraw", () => draw(chosen()));
  draw(null);
}

function hint() {
  const note = document.createElement("p");
  note.className = "muted";
  note.textContent = "点选图中的环节或连线，在这里设置由谁办理、时限、退回等。";
  return note;
}

class Settings {
  constructor(modeler, element, vocabulary) {
    Object.assign(this, { modeler, element, vocabulary, object: element.businessObject });
    this.modeling = modeler.get("modeling");
  }

  parts() {
    const found = [this.identity()];
    if (is(this.element, "bpmn:UserTask")) found.push(...this.userTask());
    if (is(this.element, "bpmn:ServiceTask") || is(this.element, "bpmn:SendTask")) found.push(this.command());
    if (is(this.element, "bpmn:CallActivity")) found.push(this.call());
    if (is(this.element, "bpmn:IntermediateCatchEvent")) found.push(this.clock("等待", "bb:Wait"));
    if (is(this.element, "bpmn:BoundaryEvent")) found.push(this.boundary());
    if (is(this.element, "bpmn:SequenceFlow")) found.push(this.flow());
    return found;
  }

  set(type, name) {
    return (value) => put(this.modeler, this.element, type, name, value);
  }

  get(type, name) {
    return attribute(this.element, type, name);
  }

  redraw(node) {
    node.dispatchEvent(new CustomEvent("flow:redraw", { bubbles: true }));
  }

  identity() {
    const stages = [["", "不属于哪个阶段"], ...this.vocabulary.stages.map((stage) => [stage, stage])];
    return section(
      "基本",
      text("名称", this.object.name, (name) => this.modeling.updateProperties(this.element, { name: name || undefined })),
      text("标识", this.object.id, (id) => this.rename(id), { help: "字母开头；条件和换版对照用它，发布后不宜更改" }),
      is(this.element, "bpmn:FlowNode") && select("阶段", stages, this.get("bb:Stage", "name"), this.set("bb:Stage", "name")),
    );
  }

  rename(id) {
    const isFree = !this.modeler.get("elementRegistry").get(id);
    if (/^[A-Za-z_][\w.-]*$/.test(id) && isFree) this.modeling.updateProperties(this.element, { id });
  }

  userTask() {
    return [this.seats("由谁办理", "bb:Assign"), this.signing(), this.allowed(), this.clock("时限", "bb:Deadline", true), this.fields(),
      this.seats("办结后抄送", "bb:Copy")];
  }

  seats(title, type) {
    const list = extensions(this.element, type).map(seatOf);
    const write = (changed, box) => {
      replace(this.modeler, this.element, type, changed);
      this.redraw(box);
    };
    const box = section(title);
    list.forEach((seat, at) => {
      const change = (values) => write(list.map((each, place) => (place === at ? values : each)), box);
      box.append(this.seat(seat, change, () => write(list.filter((_, place) => place !== at), box)));
    });
    const first = this.vocabulary.roles[0][0];
    box.append(button("增加一人或一个岗位", () => write([...list, { role: first, relation: "" }], box)));
    return box;
  }

  seat(seat, change, remove) {
    const row = document.createElement("div");
    row.className = "flow-seat";
    const kind = kindOf(seat);
    const fresh = { role: { role: this.vocabulary.roles[0][0] }, initiator: { initiator: "true" }, user: { user: " " }, field: { field: " " } };
    row.append(select("方式", WHO, kind, (wanted) => change(fresh[wanted])));
    if (kind === "role") {
      row.append(select("岗位", this.vocabulary.roles, seat.role, (role) => change({ ...seat, role })));
      row.append(select("哪个单位的", this.vocabulary.relations, seat.relation, (relation) => change({ ...seat, relation })));
    }
    if (kind === "user") row.append(text("登录名", (seat.user || "").trim(), (user) => change({ user })));
    if (kind === "field") row.append(text("字段", (seat.field || "").trim(), (field) => change({ field })));
    row.append(button("去掉", remove, "btn btn-sm btn-plain"));
    return row;
  }

  signing() {
    const loop = this.object.loopCharacteristics;
    const order = loop ? (loop.isSequential ? "sequential" : "parallel") : "single";
    const box = section("会签", select("办理方式", ORDERS, order, (wanted) => {
      this.reorder(wanted);
      this.redraw(box);
    }));
    if (loop) {
      const mode = this.get("bb:Countersign", "mode") || "all";
      box.append(select("怎样算通过", MODES, mode, (wanted) => {
        replace(this.modeler, this.element, "bb:Countersign", [{ mode: wanted, ratio: wanted === "ratio" ? "67" : "" }]);
        this.redraw(box);
      }));
      const ratio = this.set("bb:Countersign", "ratio");
      if (mode === "ratio") box.append(text("同意的比例（%）", this.get("bb:Countersign", "ratio"), ratio, { numeric: true }));
    }
    box.append(...this.verdicts(box));
    const policy = this.get("bb:Reject", "policy") || "stop";
    box.append(select("不同意时", REJECTS, policy, this.set("bb:Reject", "policy")));
    return box;
  }

  // Written only where it differs from the usual words; without a word for 不同意 the step only reports.
  verdicts(box) {
    const has = extensions(this.element, "bb:Verdict").length > 0;
    const said = has ? [this.get("bb:Verdict", "agree"), this.get("bb:Verdict", "disagree")] : USUAL_VERDICTS;
    const set = (agree, disagree) => {
      const isUsual = agree === USUAL_VERDICTS[0] && disagree === USUAL_VERDICTS[1];
      replace(this.modeler, this.element, "bb:Verdict", isUsual || !agree ? [] : [{ agree, disagree }]);
      this.redraw(box);
    };
    return [
      text("“同意”叫作", said[0], (agree) => set(agree, said[1]), { help: "如“无问题”" }),
      text("“不同意”叫作", said[1], (disagree) => set(said[0], disagree), { help: "不填：只报送情况，没有不同意" }),
    ];
  }

  reorder(order) {
    const create = () =>
      this.modeler.get("bpmnFactory").create("bpmn:MultiInstanceLoopCharacteristics", { isSequential: order === "sequential" });
    this.modeling.updateProperties(this.element, { loopCharacteristics: order === "single" ? undefined : create() });
    if (order === "single") replace(this.modeler, this.element, "bb:Countersign", []);
  }

  allowed() {
    const flag = (type, values) => (on) => replace(this.modeler, this.element, type, on ? [values] : []);
    const allow = extensions(this.element, "bb:Actions").length ? this.get("bb:Actions", "allow") : USUAL_ACTIONS;
    const set = (list) => replace(this.modeler, this.element, "bb:Actions", [{ allow: list.join(" ") || " " }]);
    const ways = this.get("bb:Return", "way") || "step direct";
    return section(
      "可以怎样办",
      checks("除同意、不同意外", ACTIONS, words(allow), set),
      select("可以退回到", RETURNS, this.get("bb:Return", "to") || "any", this.set("bb:Return", "to")),
      checks("改后怎样走", WAYS, words(ways), (list) => this.set("bb:Return", "way")(list.join(" "))),
      check("申请人填写环节（提交）", extensions(this.element, "bb:Submit").length > 0, flag("bb:Submit", {})),
      check("与上一环节同一人时自动跳过", extensions(this.element, "bb:Skip").length > 0, flag("bb:Skip", { when: "same-actor" })),
      text("职责分离组", this.get("bb:Separate", "group"), this.set("bb:Separate", "group"), { help: "同组的环节须由不同的人办理" }),
    );
  }

  clock(title, type, warns = false) {
    return section(
      title,
      text("工作日", this.get(type, "days"), this.set(type, "days"), { numeric: true }),
      text("或取自事项的字段", this.get(type, "fact"), this.set(type, "fact"), { help: "有值时按该字段的天数" }),
      warns && text("提前几天提醒", this.get(type, "warn"), this.set(type, "warn"), { numeric: true }),
    );
  }

  fields() {
    const write = this.set("bb:Fields", "write");
    const required = this.set("bb:Fields", "required");
    return section(
      "表单",
      text("可以修改的字段", this.get("bb:Fields", "write"), write, { help: "字段名，用空格隔开" }),
      text("必须填写的字段", this.get("bb:Fields", "required"), required),
    );
  }

  command() {
    const commands = [["", "请选择"], ...this.vocabulary.commands];
    return section("办理什么", select("指令", commands, this.get("bb:Command", "name"), this.set("bb:Command", "name")));
  }

  call() {
    const flows = [["", "请选择"], ...this.vocabulary.flows];
    const change = (calledElement) => this.modeling.updateProperties(this.element, { calledElement: calledElement || undefined });
    return section("调用", select("流程", flows, this.object.calledElement, change));
  }

  boundary() {
    const box = this.clock("到时", "bb:Deadline");
    const change = (on) => this.modeling.updateProperties(this.element, { cancelActivity: on });
    box.append(check("到时后不再等原环节办理", this.object.cancelActivity !== false, change));
    return box;
  }

  flow() {
    const condition = this.object.conditionExpression?.body || "";
    const write = (body) => {
      const create = () => this.modeler.get("bpmnFactory").create("bpmn:FormalExpression", { body });
      this.modeling.updateProperties(this.element, { conditionExpression: body ? create() : undefined });
    };
    const source = this.element.source;
    const isSplit = is(source, "bpmn:ExclusiveGateway") || is(source, "bpmn:InclusiveGateway");
    const usual = (on) => this.modeling.updateProperties(source, { default: on ? this.object : undefined });
    return section(
      "条件",
      area("满足时走这条线", condition, write, { help: '如 level == "commission" and count > 3；不写为无条件' }),
      isSplit && check("都不满足时走这条线（默认）", source.businessObject.default === this.object, usual),
    );
  }
}
