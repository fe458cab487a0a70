// What groups of sites and bundles of flows hold.
const MOST_MEMBERS = 10;

function markName(mark) { return mark.kind === 'group' ? groupName(mark) : mark.name; }

function groupName(group) { return say(TEXT.group_name, {name: group.nodes[0].name, count: whole(group.nodes.length - 1)}); }

function groupPopup(view, group) {
  const pop = popupOf(groupName(group)), {plan, map} = view, inside = new Set(group.nodes);
  const kinds = ['group_active', 'group_plants', 'group_disposals', 'group_idle'].map((name, place) => [TEXT[name], whole(group.parts[place]), 'amount']).filter((row, place) => group.parts[place]);
  pop.append(rows(kinds), element('p', '', button(TEXT.group_closer, 'link', () => {
    map.closePopup();
    map.fitBounds(L.latLngBounds(group.nodes.map(node => [node.lat, node.lon])).pad(.2), {maxZoom: ALONE_FROM, animate: false});
  })));
  const sums = [new Map(), new Map(), new Map()];
  for (const flow of view.layer.detail.lines.flatMap(line => line.flows || [line])) {
    if (flow.unused) continue;
    const out = inside.has(plan.nodes[flow.from]);
    if (out === inside.has(plan.nodes[flow.to])) continue;
    const sum = sums[out ? (flow.way ? 2 : 0) : 1], material = out || flow.way ? flow.material : flow.as;
    sum.set(material, (sum.get(material) || 0) + (out ? flow.amount : flow.arrived));
  }
  [TEXT.gives_others, TEXT.receives_others, TEXT.disposes_elsewhere].forEach((title, place) => {
    if (sums[place].size) pop.append(element('h4', '', title), balance(view, [...sums[place]].map(([material, amount]) => ({material, amount}))));
  });
  if (group.inside.some(flow => !flow.unused)) pop.append(element('p', '', say(TEXT.group_inside, {count: whole(group.inside.filter(flow => !flow.unused).length)})));
  pop.append(element('h4', '', TEXT.group_members), memberList(group.nodes.map(node => [node.name, () => view.goTo(node)])));
  return pop;
}

function bundlePopup(view, bundled) {
  const {plan} = view, material = plan.materials[bundled.material], mode = plan.modes[bundled.mode], lines = [];
  const pop = popupOf(say(TEXT.labelled, {label: carried(plan, bundled), words: say(TEXT.flows, {count: whole(bundled.flows.length)})}), bundled.colour);
  pop.append(betweenEnds(view, bundled.a, bundled.b));
  if (bundled.unused) pop.append(element('p', 'note', TEXT.unused_note));
  else lines.push([TEXT.amount, perYear(bundled.amount, material.unit), 'amount']);
  if (bundled.tonnes > 0 && material.unit !== 't') lines.push([TEXT.tonnes, perYear(bundled.tonnes, 't'), 'amount']);
  if (mode && plan.modes.length > 1) lines.push([TEXT.mode, mode.name]);
  const order = [...bundled.flows].sort((a, b) => b.amount - a.amount);
  pop.append(rows(lines), element('h4', '', TEXT.bundle_members), memberList(order.map(flow => [
    `${plan.nodes[flow.from].name} → ${plan.nodes[flow.to].name}${bundled.several > 1 ? ', ' + nameOf(plan.materials[flow.material]) : ''}`, () => view.pick(flow, middleOf(view, flow), true), perYear(flow.amount, material.unit)])));
  return pop;
}

function memberList(members) {
  const lines = members.slice(0, MOST_MEMBERS).map(([words, act, amount]) => [button(words, 'link', act), amount || '', 'amount']);
  if (members.length > MOST_MEMBERS) lines.push([say(TEXT.and_more, {count: whole(members.length - MOST_MEMBERS)}), '']);
  return rows(lines);
}
