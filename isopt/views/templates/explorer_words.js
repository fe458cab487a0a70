// What the page says: names of levers, values with their unit, and the sentence on the best network.
function words(name, values) { return say(TEXT['explorer.' + name], values); }

function svgElement(tag, attributes, ...content) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...content.filter(part => part !== undefined && part !== null && part !== ''));
  return made;
}

function leverName(lever) {
  const factor = lever.name.endsWith('*'), path = lever.name.replace(/\s*\*$/, '').replace(/^policy\./, ''), [first, kind] = path.split('.');
  let name = TEXT['lever.' + first] || TEXT['explorer.lever_' + first];
  if (name && kind && TEXT['explorer.class_' + kind]) name = words('lever_of_class', {name, kind: TEXT['explorer.class_' + kind]});
  else if (!name || kind) name = path;
  if (factor) name = words('factor', {name});
  return name === path ? name : name.charAt(0).toLocaleUpperCase(LOCALE) + name.slice(1);
}

function placesOf(lever) {
  const size = Math.floor(Math.log10(lever.high - lever.low));
  return Math.max(0, Math.min(8, size < 1 ? 3 - size : size < 3 ? 2 : 4 - size));
}

// A value of a lever as precise as its range asks for; `fixed` keeps all its decimals, so that it stands still while it moves.
function leverDigits(lever, value, fixed = false) {
  const most = placesOf(lever), shown = Math.abs(value) < .5 * 10 ** -most ? 0 : value;
  return shown.toLocaleString(LOCALE, {maximumFractionDigits: most, minimumFractionDigits: fixed ? most : 0}).replace('-', '−');
}

function leverValue(lever, value) { return leverDigits(lever, value) + (lever.unit ? '\u00a0' + lever.unit : ''); }

// A number as a reader types it in any of the languages: 1234.5, 1 234,5, 1.234,5.
function typedNumber(text) {
  let plain = text.replace(/[\s'’]/g, '').replace('−', '-');
  const last = Math.max(plain.lastIndexOf('.'), plain.lastIndexOf(','));
  if (last >= 0) {
    const sign = plain[last], other = sign === '.' ? ',' : '.', grouped = plain.split(sign).length > 2;
    plain = plain.replaceAll(other, '');
    plain = grouped ? plain.replaceAll(sign, '') : plain.replace(sign, '.');
  }
  const match = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?/i.exec(plain);
  return match ? Number(match[0]) : NaN;
}

// Five digits that matter: enough to see a lever at work.
function fine(value) {
  const size = Math.abs(value), sign = value < 0 ? '−' : '';
  const short = number => Number(number.toPrecision(5)).toLocaleString(LOCALE, {maximumFractionDigits: 6});
  if (size >= 999.995e6) return sign + say(TEXT.billion, {number: short(size / 1e9)});
  if (size >= 999995) return sign + say(TEXT.million, {number: short(size / 1e6)});
  if (size < 1e-6) return '0';
  return sign + (size >= 1000 ? Math.round(size).toLocaleString(LOCALE) : Number(size.toPrecision(4)).toLocaleString(LOCALE, {maximumFractionDigits: 6}));
}

function withUnit(value, unit) { return fine(value) + (unit ? '\u00a0' + unit : ''); }

// A number in large and its unit in small: "85.318" and "million EUR".
function scaled(value, unit) {
  const size = Math.abs(value), [part, kind] = size >= 999.995e6 ? [1e9, 'billion'] : size >= 999995 ? [1e6, 'million'] : [1, ''];
  const told = kind ? say(TEXT['axis.' + kind], {unit}).trim() : unit;
  const digits = kind ? Number((size / part).toPrecision(5)).toLocaleString(LOCALE, {maximumFractionDigits: 4}) : fine(size);
  return [(value < 0 && digits !== '0' ? '−' : '') + digits, told ? element('i', '', '\u00a0' + told) : ''];
}

function isOne(number) { return LOCALE.startsWith('fr') ? number < 2 : number === 1; }

function counted(number, noun) { return words(`${noun}_${isOne(number) ? 'one' : 'many'}`, {number: whole(number)}); }

function networkWords(page, cell) {
  const exchanges = counted(page.lineOf('exchanges', cell), 'exchange'), plants = page.lineOf('plants_built', cell);
  return plants ? words('with_plants', {exchanges, plants: counted(plants, 'plant')}) : exchanges;
}

function exchangeName(shared, group) {
  const [, start, end] = shared.groups[group];
  return words('way', {start, end});
}

function plantName(shared, plant) {
  const [, technology, place] = shared.plants[plant];
  return technology === place ? technology : `${technology}, ${place}`;
}

// What happens from one network to the next, in a few words.
function changeWords(shared, changes) {
  const parts = [], one = (list, single, several, name) => {
    if (list.length === 1) parts.push(words(single, {name: name(list[0])}));
    else if (list.length) parts.push(words(several, {number: whole(list.length)}));
  };
  one(changes.built, 'is_built', 'built_more', plant => plantName(shared, plant));
  one(changes.dropped, 'not_built', 'not_built_more', plant => plantName(shared, plant));
  one(changes.opened, 'opens', 'open_more', ([group]) => exchangeName(shared, group));
  one(changes.closed, 'closes', 'close_more', ([group]) => exchangeName(shared, group));
  return parts.length ? parts.join(', ') : words('amounts_only');
}

// "Between 31.40 and 48.20 EUR/t the best network has 14 exchanges. At 48.20 EUR/t: A → B opens."
function sentence(page) {
  const {cells, row, cell, levers} = page, [lever] = levers, low = leverValue(lever, cell.low), high = leverValue(lever, cell.high), network = networkWords(page, cell);
  const first = row === 0, last = row === cells.length - 1;
  const parts = [words(first && last ? 'always' : first ? 'below' : last ? 'above' : 'between', {low, high, network})];
  if (!last) parts.push(words('then', {high, changes: changeWords(page.shared, page.changes(cell, cells[row + 1]))}));
  if (page.mode === 'plane') parts.unshift(`${leverName(levers[1])} ${leverValue(levers[1], page.point[1])}:`);
  return parts.join(' ');
}

// "Just crossed upwards: 48.20 EUR/t: A → B opens." Empty as long as nothing was.
function crossedWords(page) {
  if (!page.crossed) return '';
  return `${crossedTitle(page)}: ${changeWords(page.shared, page.changes(page.crossed.before, page.crossed.after))}.`;
}

function crossedTitle(page) {
  const {at, up} = page.crossed;
  return at === null ? words('crossed_far') : words(up ? 'crossed_up' : 'crossed_down', {value: leverValue(page.levers[0], at)});
}
