// Reading and writing what stands in bpmn:extensionElements of an element; every write can be undone.
export function extensions(element, type) {
  return (element.businessObject.extensionElements?.values || []).filter((value) => value.$type === type);
}

export function attribute(element, type, name) {
  return extensions(element, type)[0]?.[name] || "";
}

// The elements of one type become `list` (objects of attributes); empty attributes are left out.
export function replace(modeler, element, type, list) {
  const moddle = modeler.get("moddle");
  const kept = (element.businessObject.extensionElements?.values || []).filter((value) => value.$type !== type);
  const made = list.map((values) => {
    const filled = Object.entries(values).filter(([, value]) => value !== "" && value !== undefined);
    return moddle.create(type, Object.fromEntries(filled));
  });
  const holder = moddle.create("bpmn:ExtensionElements", { values: [...kept, ...made] });
  for (const value of holder.values) value.$parent = holder;
  holder.$parent = element.businessObject;
  modeler.get("modeling").updateProperties(element, { extensionElements: holder.values.length ? holder : undefined });
}

// One attribute of the one element of a type; the element goes when nothing is left in it.
export function put(modeler, element, type, name, value) {
  const old = extensions(element, type)[0];
  const names = old ? old.$descriptor.properties.filter((each) => each.isAttr).map((each) => each.name) : [];
  const values = Object.fromEntries(names.map((each) => [each.replace(/^bb:/, ""), old.get(each)]));
  values[name] = value;
  const isEmpty = Object.values(values).every((each) => each === "" || each === undefined);
  replace(modeler, element, type, isEmpty ? [] : [values]);
}
