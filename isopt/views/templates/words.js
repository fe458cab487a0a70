// Numbers and elements. Texts of the data only ever become text nodes, never HTML.
function say(words, values) {
  return words.replace(/\{(\w+)\}/g, (found, name) => values && name in values ? values[name] : found);
}

function plain(value) {
  const size = Math.abs(value), sign = value < 0 ? '−' : '';
  const short = x => x < 1e-9 ? '0' : x >= 99.95 ? Math.round(x).toLocaleString('en-GB')
    : Number(x.toPrecision(3)).toLocaleString('en-GB', {maximumFractionDigits: 12});
  if (size >= 999.5e6) return sign + say(TEXT.billion, {number: short(size / 1e9)});
  if (size >= 999500) return sign + say(TEXT.million, {number: short(size / 1e6)});
  const digits = short(size);
  return digits === '0' ? digits : sign + digits;
}

function perYear(value, unit) { return say(TEXT.per_year, {amount: plain(value), unit}); }

function element(tag, kind, ...content) {
  const made = document.createElement(tag);
  if (kind) made.className = kind;
  made.append(...content.filter(part => part !== undefined && part !== null && part !== ''));
  return made;
}

function rows(pairs) {
  const body = element('tbody');
  for (const [label, value, kind] of pairs) body.append(element('tr', '', element('td', '', label), element('td', kind || '', value)));
  return element('table', '', body);
}

// What a symbol is, the beginning of its popup.
function about(node) {
  const pop = element('div', 'isopt-pop', element('h3', '', node.name));
  const lines = [node.place && say(TEXT.place) + ': ' + node.place, node.organisation && TEXT.organisation + ': ' + node.organisation,
    node.sector && TEXT.sector + ' ' + node.sector, node.kind === 'facility' && TEXT['facility_' + node.state]];
  for (const line of lines) if (line) pop.append(element('p', '', line));
  if (node.facts) pop.append(rows(node.facts));
  return pop;
}
