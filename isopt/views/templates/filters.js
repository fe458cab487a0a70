// What the reader may leave out: by organisation and amount, and layer by layer.
function filters(view) {
  const {plan, choice} = view, field = element('input'), names = element('datalist');
  field.id = 'isopt-organisation'; field.type = 'search'; field.value = choice.organisation; field.placeholder = TEXT.every_organisation; field.autocomplete = 'off';
  names.id = 'isopt-organisations'; field.setAttribute('list', names.id);
  const traders = new Set();
  for (const flow of plan.everyFlow) for (const end of [flow.from, flow.to]) {
    if (plan.nodes[end].kind !== 'disposal') traders.add(organisationOf(plan.nodes[end]));
    if (plan.nodes[end].group) traders.add(plan.nodes[end].group);
  }
  for (const name of [...traders].sort((a, b) => a.localeCompare(b, LOCALE))) { const option = element('option'); option.value = name; names.append(option); }
  field.addEventListener('input', () => { choice.organisation = field.value; view.changed(); });
  const steps = amountSteps(plan), range = element('input'), told = element('output');
  range.id = 'isopt-least'; range.type = 'range'; range.min = 0; range.max = steps.length - 1; range.step = 1;
  range.value = Math.max(0, steps.findLastIndex(step => step <= choice.least));
  const units = [...new Set(plan.everyFlow.map(flow => plan.materials[flow.material].unit))].join(' / ');
  const tell = () => {
    told.textContent = choice.least ? perYear(choice.least, units) : TEXT.any_amount;
    range.setAttribute('aria-valuetext', told.textContent);
  };
  range.addEventListener('input', () => { choice.least = steps[range.value]; tell(); view.changed(); });
  tell();
  const label = (input, words, ...more) => { const one = element('label', 'field', element('span', 'name', words), ...more, input); one.htmlFor = input.id; return one; };
  const clear = button(TEXT.clear_filters, 'link', () => {
    choice.organisation = ''; choice.least = 0; choice.modes.clear(); choice.materials = new Set(JSON.parse(choice.standard)[1]);
    view.panelShows(); view.changed();
    document.getElementById(field.id).focus();
  });
  return [label(field, TEXT.of_organisation), names, label(range, TEXT.least, told), element('p', '', clear)];
}

function amountSteps(plan) {
  const largest = largestOf(plan.everyFlow, flow => flow.amount), steps = [0];
  for (let power = Math.max(1e-3, 10 ** Math.floor(Math.log10(largest || 1) - 5)); power <= largest; power *= 10) {
    for (const digit of [1, 2, 5]) if (digit * power <= largest) steps.push(Number((digit * power).toPrecision(1)));
  }
  return steps;
}

function layerSwitches(view) {
  const {map, plan, choice, data} = view, {unused} = plan.part, list = element('div', 'columns');
  for (const [name, there] of Object.entries({
    exchanges: plan.everyFlow.some(flow => !flow.way), disposal: plan.everyFlow.some(flow => flow.way) || plan.own.length,
    facilities: plan.nodes.some(node => node.kind === 'facility' && node.state !== 'idle'),
    idle: plan.nodes.some(node => node.state === 'idle'), plants: plan.nodes.some(node => node.kind === 'plant'),
    disposals: plan.nodes.some(node => node.kind === 'disposal'), names: true, places: view.towns.length,
    routes: plan.everyFlow.some(flow => flow.path), groups: plan.nodes.length > CROWD, unused: plan.unused.length,
  })) {
    if (!there) continue;
    const one = checkbox(TEXT['layer_' + name], choice.layers[name], on => { choice.layers[name] = on; view.changed(); });
    one.dataset.layer = name;
    list.append(one);
  }
  const parts = [list];
  if (unused && unused.all) parts.push(element('p', '', say(unused.all > plan.unused.length ? TEXT.unused_some : TEXT.unused_all, {count: whole(plan.unused.length), all: whole(unused.all)})));
  if (unused && unused.sought === false) parts.push(element('p', '', TEXT.unused_many));
  if (data.streets) parts.push(checkbox(TEXT.streets, Boolean(view.streets), on => {
    view.streets = view.streets || L.tileLayer(data.streets, {maxZoom: 19, attribution: '© OpenStreetMap contributors'});
    if (on) view.streets.addTo(map); else { view.streets.remove(); view.streets = null; }
    map.getPane('ground').style.display = on ? 'none' : '';
  }));
  return parts;
}
