// What a click on a map of differences tells: before, after and what becomes of it.
const MOST_ROWS = 14;

function signed(value, unit) { return (value > 0 ? '+' : '') + perYear(value, unit); }

function nodePopup(view, node) {
  const {plan} = view, pop = about(node), lines = [];
  const here = plan.everyFlow.filter(flow => plan.nodes[flow.from] === node || plan.nodes[flow.to] === node)
    .map(flow => [flow, plan.exchange(flow.exchange)]).filter(([, is]) => is.kind !== 'same');
  here.sort(([a], [b]) => b.amount - a.amount);
  for (const [flow, is] of here.slice(0, MOST_ROWS)) {
    const leaves = plan.nodes[flow.from] === node, other = plan.nodes[leaves ? flow.to : flow.from], dot = element('span', 'dot');
    dot.style.background = flow.colour;
    const way = say(leaves ? TEXT.to : TEXT.from, {name: other === node ? TEXT.itself : other.name});
    lines.push([element('span', '', dot, is.material, element('br'), button(`${TEXT[is.kind]}, ${way}, ${is.mode}`, 'link', () => view.pick(flow, middleOf(view, flow), true))),
      signed(is.sent_after - is.sent_before, is.unit), 'amount']);
  }
  if (here.length > MOST_ROWS) lines.push([say(TEXT.and_more, {count: whole(here.length - MOST_ROWS)}), '']);
  pop.append(lines.length ? element('h4', '', TEXT.changes_here) : element('p', '', TEXT.no_change_here), rows(lines));
  return pop;
}

function flowPopup(view, flow) {
  const {plan} = view, is = plan.exchange(flow.exchange), pop = popupOf(say(TEXT.labelled, {label: is.material, words: TEXT[is.kind]}), flow.colour);
  pop.append(betweenEnds(view, plan.nodes[flow.from], plan.nodes[flow.to]), element('p', '', say(TEXT.labelled, {label: TEXT.mode, words: is.mode})));
  const table = element('tbody'), head = element('tr', '', element('td', ''));
  for (const words of [TEXT.amount_before, TEXT.amount_after, TEXT.change]) head.append(element('td', 'amount', element('b', '', words)));
  table.append(head);
  const line = (label, before, after, unit) => {
    if (before === undefined && after === undefined) return;
    const change = (after || 0) - (before || 0), cells = [before, after].map(value => value === undefined ? '–' : plain(value));
    table.append(element('tr', '', element('td', '', `${label}, ${say(TEXT.per_year, {amount: '', unit}).trim()}`),
      ...cells.map(value => element('td', 'amount', value)), element('td', 'amount', (change > 0 ? '+' : '') + plain(change))));
  };
  line(TEXT.amount, is.sent_before, is.sent_after, is.unit);
  line(TEXT.haulage_both, is.haulage_eur_before, is.haulage_eur_after, 'EUR');
  line(TEXT.co2_both, is.co2_transport_t_before, is.co2_transport_t_after, 't');
  line(TEXT.saving_both, is.saving_before, is.saving_after, 'EUR');
  pop.append(element('table', '', table));
  return pop;
}

function tip(view, thing) {
  if (thing.kind) return markName(thing);
  const {plan} = view, is = plan.exchange((thing.flows || [thing])[0].exchange), ends = `${markName(thing.a)} → ${markName(thing.b)}`;
  if (thing.flows) return `${ends}: ${TEXT[is.kind]}, ${perYear(thing.amount, is.unit)}, ${say(TEXT.flows, {count: whole(thing.flows.length)})}`;
  return `${ends}: ${is.material}, ${is.mode}, ${TEXT[is.kind]} ${signed(is.sent_after - is.sent_before, is.unit)}`;
}
