// Key figures at the lever's value, what just changed and what comes next, and all intervals as a table.
function makeFigures(page) {
  const box = element('div', 'figures'), note = element('p', 'against');
  box.setAttribute('role', 'group');
  page.onShow(() => {
    const tiles = [];
    page.data.lines.forEach(({name, unit}, line) => {
      const value = lineAt(page.cell, line, page.point), before = lineAt(page.baseCell, line, page.base), change = value - before;
      if (name === 'plants_built' && page.cells.every(cell => !cell.lines[line][0])) return;
      const largest = Math.max(...page.cells.map(cell => Math.abs(cell.lines[line][0])), Math.abs(value)), nothing = 1e-9 * Math.max(largest, 1);
      const same = Math.abs(change) <= nothing, share = Math.abs(before) > nothing ? ` (${change > 0 ? '+' : ''}${percent(change / Math.abs(before))})` : '';
      const tile = element('div', 'figure', element('span', '', words(name)), element('b', '', ...scaled(Math.abs(value) > nothing ? value : 0, unit)),
        element('small', same ? 'same' : '', same ? words('same') : `${change > 0 ? '+' : ''}${fine(change)}${share}`));
      tile.dataset.line = name; tile.dataset.value = value;
      if (name === 'revenue' || name === 'resource_cost') tile.title = words(name === 'revenue' ? 'revenue_told' : 'resource_told');
      tiles.push(tile);
    });
    box.replaceChildren(...tiles);
    box.setAttribute('aria-label', words('figures'));
    const base = page.levers.map((lever, place) => leverValue(lever, page.base[place])).join(', ');
    const parts = [words(page.baseIsToday ? 'against_today' : 'against_low', {value: base})];
    if (page.data.horizon) parts.push(words('horizon', {first: page.data.horizon[0], last: page.data.horizon[1]}));
    note.textContent = parts.join('. ').replace(/\.?$/, '.');
  });
  return element('section', 'key', box, note);
}

const MOST_CHANGES = 7;

function makeChanges(page) {
  const crossed = element('div', 'crossed'), coming = element('div', 'coming'), title = element('h2');
  page.onShow(() => {
    const {cells, row} = page, [lever] = page.levers;
    title.textContent = words('changes');
    if (page.crossed) {
      const {before, after} = page.crossed;
      crossed.replaceChildren(element('h3', '', crossedTitle(page)), ...changeLists(page, page.changes(before, after)));
    } else crossed.replaceChildren(element('p', 'soft', words(cells.length > 1 || page.mode === 'plane' ? 'crossed_none' : 'crossed_never')));
    if (row + 1 < cells.length) {
      const next = cells[row + 1];
      coming.replaceChildren(element('h3', '', words('coming', {value: leverValue(lever, next.low)})), ...changeLists(page, page.changes(page.cell, next)));
    } else coming.replaceChildren();
  });
  return element('section', 'changes', title, crossed, coming);
}

function changeLists(page, changes) {
  const {shared} = page, parts = [];
  const add = (kind, list, line) => {
    if (!list.length) return;
    const items = list.slice(0, MOST_CHANGES).map(one => element('li', '', ...line(one)));
    if (list.length > MOST_CHANGES) items.push(element('li', 'soft', words('more', {number: whole(list.length - MOST_CHANGES)})));
    parts.push(element('h4', kind, words(kind)), element('ul', '', ...items));
  };
  const exchange = ([group, before, after]) => {
    const [, , , row, mode] = shared.groups[group], material = shared.materials[row], dot = element('i', 'dot');
    dot.style.background = material ? material.colour : '#8a959d';
    const unit = material ? material.unit : '', amount = before && after ? `${plain(before)} → ${perYear(after, unit)}` : perYear(before || after, unit);
    const id = shared.groups[group][0], name = exchangeName(shared, group), there = id && shared.networks[page.cell.network].moved.some(row => shared.moved[row][0] === group);
    return [there ? button(name, 'link', () => showOnMap(page, id)) : name, element('small', '', dot, `${material ? nameOf(material) : words('shared')}, ${mode}, ${amount}`)];
  };
  for (const kind of ['built', 'dropped']) add(kind, changes[kind], plant => [plantName(shared, plant)]);
  for (const kind of ['opened', 'closed', 'grown', 'shrunk']) add(kind, changes[kind], exchange);
  return parts.length ? parts : [element('p', 'soft', words('elsewhere'))];
}

// Opens the popup of an exchange that is in place now.
function showOnMap(page, id) {
  const {plan, map} = page.view, flow = plan.everyFlow.find(one => { const whole = plan.exchange(one.exchange); return whole && whole.id === id; });
  if (!flow) return;
  const [from, to] = [plan.nodes[flow.from], plan.nodes[flow.to]];
  map.getContainer().scrollIntoView({block: 'center'});
  page.view.pick(flow, [(from.lat + to.lat) / 2, (from.lon + to.lon) / 2], true);
}

function makeNotices(page) {
  const box = element('div', 'notices');
  box.setAttribute('role', 'status');
  page.onShow(() => {
    const {error} = page.cell, told = [];
    if (page.study.interrupted) told.push(words('interrupted'));
    if (error === null) told.push(words('nothing_proven'));
    else if (error > 0) told.push(words('not_proven', {error: withUnit(error, page.data.lines[0].unit)}));
    box.hidden = !told.length;
    if (box.textContent !== told.join(' ')) box.textContent = told.join(' ');
  });
  return box;
}

function makeTable(page) {
  const head = element('tr'), body = element('tbody'), summary = element('summary');
  const columns = ['from', 'to', page.data.lines[0].name + '_from', 'landfilled', 'co2_total', 'revenue', 'exchanges', 'error'];
  const fill = () => {
    const [lever] = page.levers, unitOf = {from: lever.unit, to: lever.unit, error: page.data.lines[0].unit, [columns[2]]: page.data.lines[0].unit};
    summary.textContent = words('table');
    head.replaceChildren(...columns.map(name => {
      const unit = name in unitOf ? unitOf[name] : page.data.lines[page.line(name)].unit;
      const cell = element('th', '', words(name), unit ? element('small', '', ' ' + unit) : null);
      cell.scope = 'col';
      return cell;
    }));
    body.replaceChildren(...page.cells.map(cell => {
      const at = [cell.low, ...page.point.slice(1)], value = name => fine(lineAt(cell, page.line(name), at));
      const error = cell.error === null ? words('unknown') : cell.error > 0 ? fine(cell.error) : words('exact');
      const there = button(leverDigits(lever, cell.low), 'link', () => page.go(at, true));
      const texts = [leverDigits(lever, cell.high), fine(lineAt(cell, 0, at)), value('landfilled'), value('co2_total'), value('revenue'), value('exchanges'), error];
      return element('tr', '', element('td', '', there), ...texts.map(text => element('td', '', text)));
    }));
  };
  page.onCells(fill);
  page.onShow(() => [...body.rows].forEach((row, place) => row.classList.toggle('here', place === page.row)));
  const wide = element('div', 'wide', element('table', '', element('thead', '', head), body));
  wide.tabIndex = 0;
  wide.setAttribute('role', 'region');
  page.onCells(() => wide.setAttribute('aria-label', words('table')));
  return element('details', 'intervals', summary, wide);
}
