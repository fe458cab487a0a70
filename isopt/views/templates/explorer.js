// The explorer of a lever: puts the page together and keeps what is shown where the lever stands.
//
//   page.go(point, settled)   moves the levers; settled: nothing more is coming, the address takes it down
//   page.cells, row, cell     intervals of the first lever (of the plane: along the cut), and the one that holds it
//   page.onCells(act)         told when the intervals are others, or the language; page.onShow(act): when anything is
function explorer(data, root) {
  const acts = {cells: [], show: [], speak: []}, page = {
    data, shared: data.map, language: data.language, mode: '', crossed: null, moved: false, remember() {}, settled() {},
    onCells: act => acts.cells.push(act), onShow: act => acts.show.push(act), onSpeak: act => acts.speak.push(act),
    line: name => data.lines.findIndex(line => line.name === name),
    lineOf: (name, cell) => cell.lines[page.line(name)][0],
    changes: (before, after) => changesBetween(data.map, data.map.networks[before.network], data.map.networks[after.network]),
  };
  const tell = list => { for (const act of list) act(); };

  // One lever or both; the first keeps its value where it is the same one.
  page.turn = (mode, point = null) => {
    const study = data.studies[mode], {levers} = study, old = page.levers;
    page.crossed = mode === page.mode ? page.crossed : null;
    const start = levers.map((lever, place) => clamped(lever, lever.today === null ? lever.low : lever.today, place));
    page.baseIsToday = levers.every(({today, low, high}) => today !== null && today >= low && today <= high);
    page.base = page.baseIsToday ? levers.map(lever => lever.today) : levers.map(lever => lever.low);
    if (old && old[0].name === levers[0].name) start[0] = clamped(levers[0], page.point[0]);
    const changed = mode !== page.mode;
    Object.assign(page, {mode, study, levers});
    page.baseCell = mode === 'plane' ? study.cells[regionAt(study.cells, levers, page.base)] : study.cells[cellAt(study.cells, page.base[0])];
    place(point || start, changed);
  };
  page.go = (point, settled) => { place(point, false); if (settled) page.settle(); };
  page.forget = () => { page.crossed = null; tell(acts.show); };
  page.settle = () => page.settled();
  page.spoken = language => { page.language = language; tell(acts.speak); if (page.cell) { tell(acts.cells); tell(acts.show); } page.remember(); };

  function place(wanted, anew) {
    const point = page.levers.map((lever, number) => clamped(lever, wanted[number])), old = page.point, last = page.cell, lastRow = page.row, lastCells = page.cells;
    page.moved = anew || !old || point.some((value, number) => value !== old[number]);
    if (!page.moved) return;
    page.point = point;
    const cut = anew || !old || (page.mode === 'plane' && point[1] !== old[1]);
    if (cut) page.cells = page.mode === 'plane' ? cutThrough(page.study.cells, page.levers, point[1]) : page.study.cells;
    page.row = cellAt(page.cells, point[0]);
    page.cell = page.cells[page.row];
    page.region = page.mode === 'plane' ? page.study.cells.findIndex(region => region.name === page.cell.name) : -1;
    if (last && !anew && last.network !== page.cell.network) page.crossed = crossing(last, lastRow, lastCells, cut);
    if (cut) tell(acts.cells);
    tell(acts.show);
    page.moved = false;
    page.remember();
  }

  // The breakpoint that was crossed last: the one next to where the lever now stands.
  function crossing(last, lastRow, lastCells, cut) {
    if (cut || lastCells !== page.cells) return {at: null, before: last, after: page.cell};
    const up = page.row > lastRow;
    return up ? {at: page.cell.low, up, before: page.cells[page.row - 1], after: page.cell} : {at: page.cell.high, up, before: page.cells[page.row + 1], after: page.cell};
  }

  useLanguage(data.language, data.languages[data.language]);
  fill(page, root);
  page.turn('line');
  page.begin();
  tell(acts.cells);  // now that everything has its size
  tell(acts.show);
  makeAddress(page);
  return page;
}

function clamped(lever, value) { return Math.max(lever.low, Math.min(lever.high, value)); }

function fill(page, root) {
  const {data} = page, kicker = element('p', 'kicker'), told = element('p', 'told'), passed = element('p', 'passed'), keys = element('p', 'soft keys'), lang = element('select');
  const picture = button('', 'save', () => savePicture(page)), table = button('', 'save', () => saveTable(page)), first = makeLever(page, 0), second = data.studies.plane ? makeLever(page, 1) : null;
  for (const [code, {name}] of Object.entries(data.languages)) {
    const option = element('option', '', name);
    option.value = option.lang = code;
    lang.append(option);
  }
  lang.id = 'isopt-page-language';
  lang.addEventListener('change', () => page.view.speak(lang.value));
  page.notices = makeNotices(page);
  told.setAttribute('role', 'status'); passed.setAttribute('role', 'status');
  const head = element('header', '', element('div', 'titles', kicker, element('h1', '', data.title)), second && makeSwitch(page), element('div', 'tools', picture, table, lang));
  const top = element('div', 'levers', first, second, told, passed, page.notices);
  const side = element('div', 'side', data.studies.plane ? makePlane(page) : null, makeChart(page));
  root.replaceChildren(head, top, makeFigures(page), element('div', 'middle', makeNetworkMap(page), side), element('div', 'under', makeChanges(page), makeSankey(page)), makeTable(page), element('footer', '', keys));
  page.onCells(() => {
    kicker.textContent = words('kicker'); keys.textContent = words('keys');
    picture.textContent = words('save_picture'); table.textContent = words('save_data');
    lang.value = page.language; lang.setAttribute('aria-label', TEXT.language);
    if (second) second.hidden = page.mode !== 'plane';
    root.dataset.mode = page.mode;
    document.title = `${data.title}: ${page.levers.map(leverName).join(', ')}`;
  });
  page.onShow(() => {
    const said = sentence(page);
    if (told.textContent !== said) told.textContent = said;
    const before = crossedWords(page);
    if (passed.textContent !== before) passed.textContent = before;
    passed.hidden = !before;
  });
}

function makeSwitch(page) {
  const box = element('fieldset', 'switch'), legend = element('legend', 'silent');
  const choices = ['line', 'plane'].map(mode => {
    const input = element('input'), label = element('span');
    input.type = 'radio'; input.name = 'levers'; input.value = mode;
    input.addEventListener('change', () => { page.turn(mode); page.settle(); });
    page.onCells(() => { input.checked = page.mode === mode; label.textContent = words(mode === 'line' ? 'one_lever' : 'two_levers'); });
    return element('label', '', input, label);
  });
  page.onCells(() => { legend.textContent = words('levers'); });
  box.append(legend, ...choices);
  return box;
}
