// What a click tells: the balance of a symbol, the figures of a flow.
function nodePopup(view, node) {
  const {plan} = view, pop = about(node), here = plan.nodes[node.row];
  const own = plan.own.filter(row => plan.nodes[row[0]] === here).map(row => ({
    material: row[1], amount: row[2], words: say(TEXT.disposes_itself, {route: TEXT[row[3]] || row[3]})}));
  const line = (flow, other, words) => ({material: flow.material, amount: flow.amount, flow,
    words: say(words, {name: other === here ? TEXT.itself : other.name}) + (plan.modes.length > 1 ? ', ' + plan.modes[flow.mode].name : '')});
  const gives = [], disposes = own, receives = [], could = [];
  for (const flow of plan.flows) {
    const from = plan.nodes[flow.from], to = plan.nodes[flow.to];
    if (from === here) (flow.unused ? could : flow.way ? disposes : gives).push(line(flow, to, TEXT.to));
    if (to === here) {
      const row = {...line(flow, from, TEXT.from), material: flow.way ? flow.material : flow.as, amount: flow.unused ? flow.amount : flow.arrived};
      (flow.unused ? could : receives).push(row);
    }
  }
  const of = (list, place) => list.filter(row => plan.nodes[row[0]] === here && row[place] > 0).map(row => ({material: row[1], amount: row[place]}));
  const parts = [[TEXT.gives, gives], [TEXT.receives, receives], [TEXT.disposes, disposes],
    [TEXT.buys, of(plan.bought, 2)], [TEXT.lacks, of(plan.bought, 3)], [TEXT.left, of(plan.left, 2)]];
  let some = node.facts && node.facts.length;
  for (const [title, list] of parts) {
    if (!list.length) continue;
    some = true;
    pop.append(element('h4', '', title), balance(view, list));
  }
  if (!some) pop.append(element('p', '', TEXT.nothing));
  if (could.length) pop.append(element('details', '', element('summary', '', say(TEXT.could, {count: whole(could.length)})), balance(view, could)));
  return pop;
}

function flowPopup(view, flow) {
  const {plan} = view, material = plan.materials[flow.material], as = plan.materials[flow.as], mode = plan.modes[flow.mode];
  const pop = popupOf(nameOf(material), flow.colour), lines = [];
  pop.append(betweenEnds(view, plan.nodes[flow.from], plan.nodes[flow.to]));
  if (as && as !== material) lines.push([TEXT.received_as, nameOf(as)]);
  if (mode && plan.modes.length > 1) lines.push([TEXT.mode, mode.name]);
  if (flow.unused) {
    pop.append(element('p', 'note', TEXT.unused_note), rows([[TEXT.most, perYear(flow.amount, material.unit), 'amount'], ...lines,
      [TEXT.distance, plain(flow.km) + ' km', 'amount'], [TEXT.haulage, `${plain(flow.eur)} EUR/${material.unit}`, 'amount'],
      [TEXT.co2_haulage, `${plain(flow.kgco2)} kg/${material.unit}`, 'amount']]));
    return pop;
  }
  if (flow.tonnes > 0 && material.unit !== 't') lines.unshift([TEXT.tonnes, perYear(flow.tonnes, 't'), 'amount']);
  if (flow.arrived < flow.amount * .9999) lines.unshift([TEXT.arrives, perYear(flow.arrived, material.unit), 'amount']);
  lines.unshift([TEXT.amount, perYear(flow.amount, material.unit), 'amount']);
  pop.append(rows(lines));
  const all = plan.exchange(flow.exchange);
  if (all) pop.append(...exchangeFigures(plan, all));
  return pop;
}

function exchangeFigures(plan, all) {
  const figures = [], euros = [['haulage', all.haulage_eur_per_yr], ['setup', all.setup_eur_per_yr], ['treatment', all.treatment_eur_per_yr]];
  if (all.distance_km !== undefined) figures.push([TEXT.distance, plain(all.distance_km) + ' km', 'amount']);
  if (all.trips_per_yr > 0) figures.push([TEXT.trips, say(TEXT.trips_per_year, {count: plain(all.trips_per_yr)}), 'amount']);
  for (const [name, value] of euros) if (value) figures.push([TEXT[name], perYear(value, 'EUR'), 'amount']);
  if (all.capex_eur > 0) figures.push([TEXT.capex, plain(all.capex_eur) + ' EUR', 'amount']);
  if (all.co2_t_per_yr !== undefined) figures.push([TEXT.co2, perYear(all.co2_t_per_yr, 't'), 'amount']);
  if (all.saving_eur_per_yr !== undefined) {
    figures.push([all.saving_eur_per_yr < 0 ? TEXT.saving_negative : TEXT.saving,
      element('b', '', perYear(Math.abs(all.saving_eur_per_yr), 'EUR')), 'amount']);
  }
  if (all.status) figures.push([TEXT.status, TEXT[all.status] || all.status]);
  if (all.opened_year && plan.years > 1) figures.push([TEXT.opened, String(all.opened_year)]);
  const parts = [element('h4', '', TEXT.whole_exchange), rows(figures)];
  for (const remark of ['note', 'source']) if (all[remark]) parts.push(element('p', '', say(TEXT.labelled, {label: TEXT[remark], words: all[remark]})));
  return parts;
}

function tip(view, thing) {
  if (thing.kind) return thing.kind === 'group' ? groupName(thing) : thing.name;
  const material = view.plan.materials[thing.material], ends = `${markName(thing.a)} → ${markName(thing.b)}: ${carried(view.plan, thing)}`;
  if (thing.unused) return `${ends} (${TEXT.not_used})`;
  return `${ends}, ${perYear(thing.amount, material.unit)}${thing.flows ? ', ' + say(TEXT.flows, {count: whole(thing.flows.length)}) : ''}`;
}
