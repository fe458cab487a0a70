// The legend: what colours, dashes, widths and symbols mean. Materials and modes are switches at the same time.
function sign(paint, wide = 22, high = 18) {
  const canvas = element('canvas'), fine = Math.max(2, window.devicePixelRatio || 1);
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

function checkbox(words, checked, change, ...more) {
  const input = element('input');
  input.type = 'checkbox'; input.checked = checked;
  input.addEventListener('change', () => change(input.checked));
  return element('label', '', input, ...more, element('span', 'name', words));
}

function heading(words, ...more) { return element('h2', '', words, ...more); }

function switchFor(view, set, id, words, ...more) {
  return checkbox(words, !set.has(id), on => { if (on) set.delete(id); else set.add(id); view.changed(); }, ...more);
}

function materialKeys(view) {
  const {plan, choice} = view, sums = new Map(), most = {};
  for (const flow of plan.everyFlow) if (!flow.way || plan.changes) sums.set(flow.material, (sums.get(flow.material) || 0) + flow.amount);
  if (!sums.size) return [];
  for (const [row, sum] of sums) most[plan.materials[row].unit] = Math.max(most[plan.materials[row].unit] || 0, sum);
  const weight = row => sums.get(row) / (most[plan.materials[row].unit] || 1), list = element('div', 'materials');
  const order = [...sums.keys()].sort((a, b) => plan.changes ? a - b : weight(b) - weight(a));
  for (const row of order) {
    const material = plan.materials[row], swatch = material.dash
      ? sign((ctx, wide, high) => stroke(ctx, wide, high, 3, material.colour, material.dash), 34) : element('span', 'swatch');
    if (!material.dash) swatch.style.background = material.colour;
    const label = switchFor(view, choice.materials, material.id, nameOf(material), swatch), [count, amount] = material.told || [];
    label.append(element('span', 'amount', material.told ? `${whole(count)} · ${plain(amount)} ${material.unit}` : `${plain(sums.get(row))} ${material.unit}`));
    list.append(label);
  }
  const turn = (words, on) => button(words, 'link', () => {
    for (const row of order) if (on) choice.materials.delete(plan.materials[row].id); else choice.materials.add(plan.materials[row].id);
    for (const input of list.querySelectorAll('input')) input.checked = on;
    view.changed();
  });
  const title = heading(TEXT.materials, element('small', '', TEXT.materials_per_year));
  return order.length > 1 ? [title, list, element('p', 'turns', turn(TEXT.all_materials, true), ' · ', turn(TEXT.no_materials, false))] : [title, list];
}

function modeKeys(view) {
  const {plan, choice} = view, used = new Set(plan.everyFlow.map(flow => flow.mode));
  if (used.size < 2) return [];
  const list = element('div', 'columns');
  plan.modes.forEach((mode, row) => {
    if (used.has(row)) list.append(switchFor(view, choice.modes, mode.id, mode.name, sign((ctx, wide, high) => stroke(ctx, wide, high, 2.5, INK, mode.dash), 28)));
  });
  return [heading(TEXT.modes), list];
}

function symbolKeys(view) {
  const {plan} = view, key = (words, paint, wide, high) => element('div', 'key', sign(paint, wide, high), element('span', '', words));
  const symbol = (kind, state, words) => key(words, (ctx, wide, high) => drawSymbol(ctx, kind, state, wide / 2, high / 2, state === 'idle' ? 3.5 : 6));
  const seen = new Set(plan.nodes.map(node => `${node.kind}_${node.state}`)), symbols = element('div', 'columns');
  for (const [kind, states] of [['facility', ['gives', 'receives', 'both', 'idle']], ['plant', ['built', 'existing', 'not_built']], ['disposal', ['used', 'unused']]]) {
    for (const state of states) if (seen.has(`${kind}_${state}`)) symbols.append(symbol(kind, state, TEXT[`${kind}_${state}`]));
  }
  if (plan.nodes.some(node => node.own)) {
    symbols.append(key(TEXT.own_disposal, (ctx, wide, high) => { drawOwnDisposal(ctx, wide / 2, high / 2, 4); drawSymbol(ctx, 'facility', 'idle', wide / 2, high / 2, 4); }));
  }
  if (plan.everyFlow.some(flow => flow.colour === WAY)) symbols.append(key(TEXT.way_to_disposal, (ctx, wide, high) => stroke(ctx, wide, high, 1.5, WAY)));
  if (plan.nodes.length > CROWD) {
    symbols.append(key(TEXT.group_key, (ctx, wide, high) => drawGroup(ctx, [6, 1, 1, 2], '12', wide / 2, high / 2, 10), 24, 24));
    if (!plan.changes) symbols.append(key(TEXT.several_key, (ctx, wide, high) => stroke(ctx, wide, high, 3, SEVERAL)));
  }
  return [heading(TEXT.facilities, element('small', '', TEXT.size)), symbols];
}

// Line widths: the legend shows lines as wide as the map draws them at its scale, with the amounts that they stand for.
function widthKeys(view) {
  const list = element('div', 'columns'), part = element('div', '', heading(TEXT.width), list);
  let told = '';
  view.legend = layer => {
    const {widest, widthOf} = layer.detail, now = JSON.stringify([widest, layer.thin, LOCALE]);
    if (view.panelTells) view.panelTells(layer);
    if (now === told) return;
    told = now;
    part.hidden = !Object.keys(widest).length;
    list.replaceChildren();
    for (const [unit, largest] of Object.entries(widest)) {
      for (const amount of [largest, largest / 10].map(rounded)) {
        if (!(amount > 0)) continue;
        const width = Math.max(.7, widthOf(amount, unit) * layer.thin);
        list.append(element('div', 'key', sign((ctx, wide, high) => stroke(ctx, wide, high, width, '#55646f'), 30), element('span', '', perYear(amount, unit))));
      }
    }
  };
  return [part];
}

function rounded(value) {  // down to 1, 2 or 5 times a power of ten
  if (!(value > 0)) return 0;
  const power = 10 ** Math.floor(Math.log10(value)), digit = value / power;
  return (digit >= 5 ? 5 : digit >= 2 ? 2 : 1) * power;
}
