// What popups are made of.
const MOST_BALANCE = 12;

// What a symbol is, the beginning of its popup.
function about(node) {
  const pop = popupOf(node.name);
  const labelled = (label, words) => words && say(TEXT.labelled, {label, words});
  const lines = [labelled(TEXT.place, node.place), labelled(TEXT.organisation, node.organisation), labelled(TEXT.group, node.group), labelled(TEXT.sector, node.sector), node.kind === 'facility' && TEXT['facility_' + node.state]];
  for (const line of lines) if (line) pop.append(element('p', '', line));
  if (node.facts) pop.append(rows(node.facts.map(fact => [TEXT[fact[0]] || fact[0], factWords(fact), fact[1] === 'words' || fact[1] === 'text' ? '' : 'amount'])));
  return pop;
}

// Facts come as [label, kind, value, unit or words to fill in].
function factWords([, kind, value, more]) {
  if (kind === 'text') return TEXT[value] === undefined ? value.split('.').pop() : say(TEXT[value], more || {});
  if (kind === 'words') return String(value);
  if (value === null) return TEXT.none;
  if (kind === 'share') return percent(value);
  return kind === 'yearly' ? perYear(value, more) : `${plain(value)} ${more}`;
}

function popupOf(title, colour) {
  const dot = colour && element('span', 'dot');
  if (dot) dot.style.background = colour;
  const pop = element('div', 'isopt-pop', element('h3', '', dot, title));
  pop.setAttribute('role', 'dialog');
  pop.setAttribute('aria-label', title);
  return pop;
}

function balance(view, list) {
  const {plan} = view;
  list.sort((a, b) => b.amount - a.amount);
  const lines = list.slice(0, MOST_BALANCE).map(row => {
    const material = plan.materials[row.material], dot = element('span', 'dot');
    dot.style.background = material.colour;
    const more = row.words && (row.flow ? button(row.words, 'link', () => view.pick(row.flow, middleOf(view, row.flow), true)) : element('small', '', row.words));
    return [element('span', '', dot, nameOf(material), ...(more ? [element('br'), more] : [])), perYear(row.amount, material.unit), 'amount'];
  });
  if (list.length > MOST_BALANCE) lines.push([say(TEXT.and_more, {count: whole(list.length - MOST_BALANCE)}), '']);
  return rows(lines);
}

// Where the popup of a flow points to when nobody has clicked on it.
function middleOf(view, flow) {
  const a = view.plan.nodes[flow.from], b = view.plan.nodes[flow.to];
  return [(a.lat + b.lat) / 2, (a.lon + b.lon) / 2];
}

// The ends of a flow, each of which opens its own popup.
function betweenEnds(view, a, b) {
  const end = node => node.kind === 'group' ? element('span', '', groupName(node)) : button(node.name, 'link', () => view.pick(node, [node.lat, node.lon], true));
  return element('p', '', end(a), ' → ', end(b));
}
