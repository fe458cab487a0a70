// What a click tells: the balance of a symbol, the figures of a flow.
const MOST_ROWS = 12;

function nodePopup(plan, node) {
  const pop = about(node);
  const own = plan.own.filter(row => plan.nodes[row[0]] === node).map(row => ({
    material: row[1], amount: row[2], with: say(TEXT.disposes_itself, {route: TEXT[row[3]] || row[3]})}));
  const line = (flow, other, words) => ({material: flow.material, amount: flow.amount,
    with: say(words, {name: other === node ? TEXT.itself : other.name}) + (plan.modes.length > 1 ? ', ' + plan.modes[flow.mode].name : '')});
  const gives = [], disposes = own, receives = [];
  for (const flow of plan.everyFlow) {
    const from = plan.nodes[flow.from], to = plan.nodes[flow.to];
    if (from === node) (flow.way ? disposes : gives).push(line(flow, to, TEXT.to));
    if (to === node) receives.push({...line(flow, from, TEXT.from), material: flow.way ? flow.material : flow.as, amount: flow.arrived});
  }
  const of = (list, place) => list.filter(row => plan.nodes[row[0]] === node && row[place] > 0).map(row => ({material: row[1], amount: row[place]}));
  const parts = [[TEXT.gives, gives], [TEXT.receives, receives], [TEXT.disposes, disposes],
    [TEXT.buys, of(plan.bought, 2)], [TEXT.lacks, of(plan.bought, 3)], [TEXT.left, of(plan.left, 2)]];
  let some = node.facts && node.facts.length;
  for (const [title, list] of parts) {
    if (!list.length) continue;
    some = true;
    list.sort((a, b) => b.amount - a.amount);
    pop.append(element('h4', '', title), balance(plan, list));
  }
  if (!some) pop.append(element('p', '', TEXT.nothing));
  return pop;
}

function balance(plan, list) {
  const lines = list.slice(0, MOST_ROWS).map(row => {
    const material = plan.materials[row.material], dot = element('span', 'dot');
    dot.style.background = material.colour;
    return [element('span', '', dot, material.name, ...(row.with ? [element('br'), element('small', '', row.with)] : [])),
      perYear(row.amount, material.unit), 'amount'];
  });
  if (list.length > MOST_ROWS) lines.push([say(TEXT.and_more, {count: list.length - MOST_ROWS}), '']);
  return rows(lines);
}

function flowPopup(plan, flow) {
  const material = plan.materials[flow.material], as = plan.materials[flow.as], mode = plan.modes[flow.mode];
  const dot = element('span', 'dot');
  dot.style.background = flow.colour;
  const pop = element('div', 'isopt-pop', element('h3', '', dot, material.name),
    element('p', '', plan.nodes[flow.from].name + ' → ' + plan.nodes[flow.to].name));
  const lines = [[TEXT.amount, perYear(flow.amount, material.unit), 'amount']];
  if (flow.arrived < flow.amount * .9999) lines.push([TEXT.arrives, perYear(flow.arrived, material.unit), 'amount']);
  if (flow.tonnes > 0 && material.unit !== 't') lines.push([TEXT.tonnes, perYear(flow.tonnes, 't'), 'amount']);
  if (as && as !== material) lines.push([TEXT.received_as, as.name]);
  if (mode && plan.modes.length > 1) lines.push([TEXT.mode, mode.name]);
  pop.append(rows(lines));
  const whole = plan.exchanges[flow.exchange];
  if (!whole) return pop;
  const euros = [['haulage', whole.haulage_eur_per_yr], ['setup', whole.setup_eur_per_yr], ['treatment', whole.treatment_eur_per_yr]];
  const figures = [];
  if (whole.distance_km !== undefined) figures.push([TEXT.distance, plain(whole.distance_km) + ' km', 'amount']);
  if (whole.trips_per_yr > 0) figures.push([TEXT.trips, perYear(whole.trips_per_yr, '').trim().replace(/\s+\//, '/'), 'amount']);
  for (const [name, value] of euros) if (value) figures.push([TEXT[name], perYear(value, 'EUR'), 'amount']);
  if (whole.capex_eur > 0) figures.push([TEXT.capex, plain(whole.capex_eur) + ' EUR', 'amount']);
  if (whole.co2_t_per_yr !== undefined) figures.push([TEXT.co2, perYear(whole.co2_t_per_yr, 't'), 'amount']);
  if (whole.saving_eur_per_yr !== undefined) {
    figures.push([whole.saving_eur_per_yr < 0 ? TEXT.saving_negative : TEXT.saving,
      element('b', '', perYear(Math.abs(whole.saving_eur_per_yr), 'EUR')), 'amount']);
  }
  if (whole.status) figures.push([TEXT.status, TEXT[whole.status] || whole.status]);
  if (whole.opened_year && plan.years > 1) figures.push([TEXT.opened, String(whole.opened_year)]);
  pop.append(element('h4', '', TEXT.whole_exchange), rows(figures));
  for (const remark of ['note', 'source']) if (whole[remark]) pop.append(element('p', '', TEXT[remark] + ': ' + whole[remark]));
  return pop;
}

function tip(plan, thing) {
  if (thing.kind) return thing.name;
  const material = plan.materials[thing.material];
  return `${plan.nodes[thing.from].name} → ${plan.nodes[thing.to].name}: ${material.name}, ${perYear(thing.amount, material.unit)}`;
}
