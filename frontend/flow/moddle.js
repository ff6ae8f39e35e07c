// The extension elements of our profile (src/bianzhi/workflow/rules/profile.py), for the XML reader of bpmn-js.
const text = (name) => ({ name, isAttr: true, type: "String" });
const element = (name, ...properties) => ({ name, superClass: ["Element"], properties: properties.map(text) });

export const bb = {
  name: "bianzhi",
  prefix: "bb",
  uri: "http://bianzhi.org/schema/flow/1",
  xml: { tagAlias: "lowerCase" },
  types: [
    element("Stage", "name"),
    element("Assign", "role", "relation", "user", "initiator", "field"),
    element("Countersign", "mode", "ratio"),
    element("Reject", "policy"),
    element("Verdict", "agree", "disagree"),
    element("Submit"),
    element("Separate", "group"),
    element("Skip", "when"),
    element("Actions", "allow"),
    element("Return", "to", "way"),
    element("Deadline", "days", "fact", "warn"),
    element("Wait", "days", "fact"),
    element("Fields", "write", "required"),
    element("Copy", "role", "relation", "user", "initiator", "field"),
    element("Command", "name"),
  ],
};
