// The panel: what the plan is, what the signs mean, what is shown.
function sign(paint, wide = 22, high = 18) {
  const canvas = element('canvas'), fine = window.devicePixelRatio || 1;
  canvas.width = wide * fine; canvas.height = high * fine;
  canvas.style.width = wide + 'px'; canvas.style.height = high + 'px';
  canvas.setAttribute('aria-hidden', 'true');
  const ctx = canvas.getContext('2d');
  ctx.scale(fine, fine);
  paint(ctx, wide, high);
  return canvas;
}

function stroke(ctx, wide, high, width, colour, dash) {
  ctx.strokeStyle = colour; ctx.lineWidth = width; ctx.setLineDash(dash || []);
  ctx.beginPath(); ctx.moveTo(0, high / 2); ctx.lineTo(wide, high / 2); ctx.stroke();
}

function box(words, checked, change, ...more) {
  const input = element('input');
  input.type = 'checkbox'; input.checked = checked;
  input.addEventListener('change', () => change(input.checked));
  return element('label', '', input, ...more, element('span', 'name', words));
}

function heading(words, ...more) { return element('h2', '', words, ...more); }

function panel(map, plan, data, show) {
  const all = element('div', 'isopt-panel');
  all.id = 'isopt-panel';
  const fold = element('button', 'fold', '×'), unfold = element('button', 'isopt-fold', TEXT.show_panel);
  fold.type = unfold.type = 'button'; fold.title = TEXT.hide_panel; fold.setAttribute('aria-label', TEXT.hide_panel);
  const toggle = open => { all.hidden = !open; unfold.hidden = open; };
  fold.addEventListener('click', () => toggle(false)); unfold.addEventListener('click', () => toggle(true));
  toggle(map.getSize().x > 640);

  all.append(fold, element('h1', '', data.title), element('span', `status ${data.status}`, data.status_words));
  for (const line of data.caption) all.append(element('p', '', line));
  for (const line of data.notes) all.append(element('p', 'note', line));
  if (data.figures.length) {
    const figures = element('div', 'figures');
    for (const [label, value] of data.figures) figures.append(element('div', '', element('b', '', value), label));
    all.append(figures);
  }
  all.append(search(map, plan, show), ...materialKeys(plan), ...signKeys(plan), ...switches(map, plan, data));
  for (const stop of [L.DomEvent.disableClickPropagation, L.DomEvent.disableScrollPropagation]) { stop(all); stop(unfold); }
  const control = L.control({position: 'topright'});
  control.onAdd = () => element('div', '', all, unfold);
  control.addTo(map);
  return all;
}

function search(map, plan, show) {
  const field = element('input'), list = element('datalist');
  field.type = 'search'; field.placeholder = TEXT.find; field.setAttribute('aria-label', TEXT.find_label);
  list.id = 'isopt-names'; field.setAttribute('list', list.id);
  const found = new Map(plan.nodes.map(node => [node.name, node]));
  for (const name of found.keys()) { const option = element('option'); option.value = name; list.append(option); }
  const go = () => {
    const words = field.value.trim().toLowerCase();
    const node = found.get(field.value) || (words && plan.nodes.find(other => other.name.toLowerCase().includes(words)));
    if (node) show(node);
  };
  field.addEventListener('change', go);
  return element('div', '', field, list);
}

function materialKeys(plan) {
  const sums = new Map();
  for (const flow of plan.everyFlow) if (!flow.way || plan.materials[flow.material].dash) sums.set(flow.material, (sums.get(flow.material) || 0) + flow.amount);
  if (!sums.size) return [];
  const order = [...sums.keys()].sort((a, b) => plan.materials[a].dash ? a - b : weight(b) - weight(a));
  function weight(row) { return sums.get(row) / (plan.widest[plan.materials[row].unit] || 1); }
  const list = element('div', 'materials'), inputs = [];
  for (const row of order) {
    const material = plan.materials[row], swatch = material.dash
      ? sign((ctx, wide, high) => stroke(ctx, wide, high, 3, material.colour, material.dash), 34) : element('span', 'swatch');
    if (!material.dash) swatch.style.background = material.colour;
    const label = box(material.name, !plan.hidden.has(row), on => { on ? plan.hidden.delete(row) : plan.hidden.add(row); plan.changed(); }, swatch);
    label.append(element('span', 'amount', material.told || `${plain(sums.get(row))} ${material.unit}`));
    inputs.push([label.firstChild, row]);
    list.append(label);
  }
  const turn = (words, on) => {
    const button = element('button', 'link', words);
    button.type = 'button';
    button.addEventListener('click', () => {
      for (const [input, row] of inputs) { input.checked = on; on ? plan.hidden.delete(row) : plan.hidden.add(row); }
      plan.changed();
    });
    return button;
  };
  const title = heading(TEXT.materials, element('small', '', TEXT.materials_per_year));
  return order.length > 1 ? [title, list, element('p', '', turn(TEXT.all_materials, true), ' · ', turn(TEXT.no_materials, false))] : [title, list];
}

function signKeys(plan) {
  const key = (words, paint, wide) => element('div', 'key', sign(paint, wide), element('span', '', words));
  const symbol = (kind, state, words) => key(words, (ctx, wide, high) => drawSymbol(ctx, kind, state, wide / 2, high / 2, state === 'idle' ? 3.5 : 6));
  const parts = [];
  const seen = new Set(plan.nodes.map(node => `${node.kind}_${node.state}`));
  const symbols = element('div', 'columns');
  for (const [kind, states] of [['facility', ['gives', 'receives', 'both', 'idle']], ['plant', ['built', 'existing', 'not_built']], ['disposal', ['used', 'unused']]]) {
    for (const state of states) if (seen.has(`${kind}_${state}`)) symbols.append(symbol(kind, state, TEXT[`${kind}_${state}`]));
  }
  if (plan.nodes.some(node => node.own)) {
    symbols.append(key(TEXT.own_disposal, (ctx, wide, high) => { drawOwnDisposal(ctx, wide / 2, high / 2, 4); drawSymbol(ctx, 'facility', 'idle', wide / 2, high / 2, 4); }));
  }
  if (plan.everyFlow.some(flow => flow.colour === WAY)) symbols.append(key(TEXT.way_to_disposal, (ctx, wide, high) => stroke(ctx, wide, high, 1.5, WAY)));
  parts.push(heading(TEXT.facilities), symbols, element('p', '', TEXT.size));
  const used = new Set(plan.everyFlow.map(flow => flow.mode));
  if (used.size > 1) {
    const modes = element('div', 'columns');
    plan.modes.forEach((mode, row) => { if (used.has(row)) modes.append(key(mode.name, (ctx, wide, high) => stroke(ctx, wide, high, 2.5, INK, mode.dash), 40)); });
    parts.push(heading(TEXT.modes), modes);
  }
  const widths = element('div', 'columns'), lines = [];
  for (const [unit, widest] of Object.entries(plan.widest)) {
    for (const amount of [widest, widest / 10].map(round)) {
      const line = key(`${plain(amount)} ${unit}`, () => {}, 30);
      lines.push([line.firstChild, plan.widthOf(amount, unit)]);
      widths.append(line);
    }
  }
  let shown = 0;
  plan.finer = thin => {  // the legend shows lines as wide as the map draws them
    if (thin === shown) return;
    shown = thin;
    for (const [canvas, width] of lines) {
      const fresh = sign((ctx, wide, high) => stroke(ctx, wide, high, Math.max(.7, width * thin), '#55646f'), 30);
      canvas.getContext('2d').clearRect(0, 0, canvas.width, canvas.height);
      canvas.getContext('2d').setTransform(1, 0, 0, 1, 0, 0);
      canvas.getContext('2d').drawImage(fresh, 0, 0);
    }
  };
  if (widths.childElementCount) parts.push(heading(TEXT.width), widths);
  return parts;
}

function round(value) {  // down to 1, 2 or 5 times a power of ten
  const power = 10 ** Math.floor(Math.log10(value)), digit = value / power;
  return (digit >= 5 ? 5 : digit >= 2 ? 2 : 1) * power;
}

function switches(map, plan, data) {
  const list = element('div', 'columns');
  for (const [name, there] of Object.entries({
    exchanges: plan.everyFlow.some(flow => !flow.way), disposal: plan.everyFlow.some(flow => flow.way) || plan.own.length,
    facilities: plan.nodes.some(node => node.kind === 'facility' && node.state !== 'idle'),
    idle: plan.nodes.some(node => node.state === 'idle'), plants: plan.nodes.some(node => node.kind === 'plant'),
    disposals: plan.nodes.some(node => node.kind === 'disposal'), names: true, places: plan.places.length,
    routes: plan.everyFlow.some(flow => flow.path),
  })) {
    if (there) list.append(box(TEXT['layer_' + name], plan.layers[name], on => { plan.layers[name] = on; plan.changed(); }));
  }
  const part = element('div', 'layers', heading(TEXT.layers), list);
  if (data.streets) {
    const tiles = L.tileLayer(data.streets, {maxZoom: 19, attribution: TEXT.streets_credit});
    part.append(box(TEXT.streets, false, on => { on ? tiles.addTo(map) : tiles.remove(); map.getPane('ground').style.display = on ? 'none' : ''; }));
  }
  return [part];
}
